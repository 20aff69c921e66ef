import React from 'react';
import { css } from '@emotion/css';
import { TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Combobox, IconButton, Stack, useStyles2 } from '@grafana/ui';

import { FluxhoundDataSource } from '../datasource';
import { Filter, Operator } from '../types';
import { afterClick } from './afterClick';
import { ColumnChoice } from './columns';
import { FilterValues } from './FilterValues';
import { operatorLabel, takesSeveral } from './operators';

export interface FilterRowProps {
  /** From 1, for the labels. */
  index: number;
  filter: Filter;
  /** The other filters: a value picker shows only values of events that pass them. */
  others: Filter[];
  columns: ColumnChoice[];
  datasource: FluxhoundDataSource;
  range?: TimeRange;
  allowVariables: boolean;
  onChange: (filter: Filter) => void;
  onRemove: () => void;
}

/** One filter: column, operator and values. */
export function FilterRow(props: FilterRowProps) {
  const { index, filter, columns, onChange, onRemove } = props;
  const styles = useStyles2(getStyles);
  const ids = { column: `fluxhound-filter-${index}-column`, operator: `fluxhound-filter-${index}-operator` };
  const column = columns.find((c) => c.name === filter.column);
  const operators = column?.operators ?? [filter.operator];

  const chooseColumn = (name: string) => {
    const chosen = columns.find((c) => c.name === name);
    const operator = chosen?.operators.includes(filter.operator) ? filter.operator : (chosen?.operators[0] ?? '=');
    onChange({ column: name, operator, values: [] });
  };
  const chooseOperator = (operator: Operator) => {
    const values = takesSeveral(operator) ? filter.values : filter.values.slice(0, 1);
    onChange({ ...filter, operator, values });
  };

  return (
    <Stack direction="row" gap={0.5} alignItems="flex-start" wrap="wrap">
      <label htmlFor={ids.column} className={styles.hidden}>
        {t('query.filter.column', 'Column of filter {{index}}', { index })}
      </label>
      <Combobox
        id={ids.column}
        width={30}
        options={choices(columns, filter.column)}
        value={filter.column}
        onChange={afterClick((option) => chooseColumn(option.value))}
      />
      <label htmlFor={ids.operator} className={styles.hidden}>
        {t('query.filter.operator', 'Operator of filter {{index}}', { index })}
      </label>
      <Combobox
        id={ids.operator}
        width={16}
        options={operators.map((o) => ({ value: o, label: operatorLabel(o) }))}
        value={filter.operator}
        onChange={afterClick((option) => chooseOperator(option.value))}
      />
      <FilterValues {...props} column={column} labelClass={styles.hidden} />
      <div className={styles.remove}>
        <IconButton
          name="times"
          tooltip={t('query.filter.remove', 'Remove filter {{index}}', { index })}
          onClick={onRemove}
        />
      </div>
    </Stack>
  );
}

/** The columns, and the filter's own where the table does not have it: it must be seen to be mended. */
function choices(columns: ColumnChoice[], own: string) {
  const options = columns.map((c) => ({ value: c.name, label: c.name, description: c.help }));
  return columns.some((c) => c.name === own)
    ? options
    : [{ value: own, label: own, description: t('query.filter.missing', 'The table has no such column.') }, ...options];
}

const getStyles = () => ({
  hidden: css({ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }),
  remove: css({ height: 32, display: 'flex', alignItems: 'center' }),
});
