import { Catalog, filterableColumns, findsSomething, QueryTypeSpec, SEVERITIES, SEVERITY } from '../catalog';
import { TableColumns } from '../support/resources';
import { Operator } from '../types';

/** A column that can be filtered on. */
export interface ColumnChoice {
  name: string;
  help?: string;
  operators: Operator[];
  /** Does an empty text make sense as a value? */
  isText: boolean;
  /** All values that there are; absent where the events have to be asked. */
  values?: string[];
}

const NUMBER_OPERATORS: Operator[] = ['=', '!=', 'in', 'notIn'];
const TEXT_OPERATORS: Operator[] = [...NUMBER_OPERATORS, 'contains', 'startsWith', 'endsWith'];

/** What a query of the type can be filtered on: columns of events, and of findings the severity. */
export function columnChoices(catalog: Catalog, table?: TableColumns, spec?: QueryTypeSpec): ColumnChoice[] {
  const columns = eventColumns(catalog, table);
  if (!spec || !findsSomething(spec)) {
    return columns;
  }
  const help = spec.columns.find((c) => c.name === SEVERITY)?.help;
  return [...columns, { name: SEVERITY, help, operators: NUMBER_OPERATORS, isText: false, values: SEVERITIES }];
}

/** The columns that the table has; before they are known, those of the events' model. */
function eventColumns(catalog: Catalog, table?: TableColumns): ColumnChoice[] {
  if (table) {
    return table.columns
      .filter((c) => c.present && c.operators !== null && c.operators.length > 0)
      .map((c) => ({ name: c.name, help: c.help, operators: c.operators ?? [], isText: c.kind !== 'integer' }));
  }
  const events = catalog.detectors.find((d) => d.kind === 'events');
  return filterableColumns(catalog).map((name) => {
    const column = events?.columns.find((c) => c.name === name);
    const isText = column?.kind === 'string';
    return { name, help: column?.help, operators: isText ? TEXT_OPERATORS : NUMBER_OPERATORS, isText };
  });
}
