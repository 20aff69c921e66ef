import { ScopedVars } from '@grafana/data';
import { TemplateSrv } from '@grafana/runtime';

import { ParamSpec } from '../catalog';
import { FluxhoundVariableQuery, Filter, Operator, Params, ParamValue } from '../types';
import { VariableValueError } from './problems';

type Templates = Pick<TemplateSrv, 'replace' | 'containsTemplate' | 'getVariables'>;

/** Where and with what template variables are looked up. */
export interface Interpolation {
  templates: Templates;
  scopedVars: ScopedVars;
  /** The plugin's id: a variable of another data source has other values than the events table's columns. */
  pluginId: string;
}

/**
 * Replaces template variables in filters. A variable with several values turns `=` into `in` and `!=` into `notIn`; a
 * variable without a value takes its condition away, and so does All of a variable that lists every value of that very
 * column. Values stay what they are, whatever they look like: nothing is quoted or escaped, for they travel as data.
 */
export function interpolateFilters(filters: Filter[] | undefined, by: Interpolation): Filter[] {
  return (filters ?? []).flatMap((filter) => interpolateFilter(filter, by));
}

/** Replaces template variables in parameters, and gives the result the JSON type that the parameter's kind asks for. */
export function interpolateParams(params: Params | undefined, by: Interpolation, specs: ParamSpec[] = []): Params {
  const result: Params = {};
  for (const [name, value] of Object.entries(params ?? {})) {
    result[name] = interpolateParam(
      value,
      by,
      specs.find((s) => s.name === name)
    );
  }
  return result;
}

/** Does any of the texts hold a template variable? */
export function containsTemplate(texts: unknown[], templates: Templates): boolean {
  return texts.some((text) => typeof text === 'string' && templates.containsTemplate(text));
}

function interpolateFilter(filter: Filter, by: Interpolation): Filter[] {
  const expanded = filter.values.map((value) => expand(value, by, filter.column));
  if (expanded.some((e) => e.everything) && !isNegative(filter.operator)) {
    return [];
  }
  const values = expanded.flatMap((e) => e.values);
  if (values.length === 0 && filter.values.length > 0) {
    return [];
  }
  return [{ ...filter, values, operator: operatorFor(filter, values) }];
}

function isNegative(operator: Operator): boolean {
  return operator === '!=' || operator === 'notIn';
}

function operatorFor({ column, operator }: Filter, values: string[]): Operator {
  if (values.length <= 1) {
    return operator;
  }
  switch (operator) {
    case '=':
    case 'in':
      return 'in';
    case '!=':
    case 'notIn':
      return 'notIn';
    case 'inSubnet':
      return operator;
    default:
      throw new VariableValueError(column, operator, values.length);
  }
}

function interpolateParam(value: ParamValue, by: Interpolation, spec?: ParamSpec): ParamValue {
  if (Array.isArray(value)) {
    const entries = value.flatMap<string | number>((entry) =>
      typeof entry === 'string' ? expand(entry, by).values : [entry]
    );
    return spec?.kind === 'integerList' ? entries.map(asNumber) : entries;
  }
  if (typeof value !== 'string') {
    return value;
  }
  const text = expand(value, by).values.join(',');
  switch (spec?.kind) {
    case 'integer':
    case 'number':
      return asNumber(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'stringList':
    case 'integerList':
      return interpolateParam([value], by, spec);
    default:
      return text;
  }
}

/** A text that is no number stays: the back end then names the parameter. */
function asNumber(entry: string | number): string | number {
  return typeof entry === 'string' && entry.trim() !== '' && Number.isFinite(Number(entry)) ? Number(entry) : entry;
}

interface Expanded {
  values: string[];
  /** It was All of a variable that lists every value of the column. */
  everything: boolean;
}

/**
 * Expands a text to every combination of its variables' values. Each variable is first replaced by a mark, so that its
 * values are taken as they are. NUL, which no value may hold, delimits the marks.
 */
function expand(text: string, by: Interpolation, column?: string): Expanded {
  if (!by.templates.containsTemplate(text)) {
    return { values: [text], everything: false };
  }
  const found: string[][] = [];
  let everything = false;
  const marked = by.templates.replace(text, by.scopedVars, (value: unknown, variable?: { name?: string }) => {
    everything ||= Array.isArray(value) && listsEverything(variable?.name, column, by);
    found.push(asList(value));
    return `\u0000${found.length - 1}\u0000`;
  });
  const parts = marked.split('\u0000');
  let values = [''];
  parts.forEach((part, i) => {
    const choices = i % 2 === 1 ? found[Number(part)] : [part];
    values = values.flatMap((head) => choices.map((choice) => head + choice));
  });
  const lone = parts.length === 3 && parts[0] === '' && parts[2] === '';
  return { values: lone ? values.filter((v) => v !== '') : values, everything: everything && lone };
}

function asList(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((v) => v !== undefined && v !== null).map(String);
}

/**
 * Is the variable at All, and are its options all values of the column? Then All is no condition at all, also for
 * values that have come up since the options were read: a wall that runs for days must not miss a new device.
 */
function listsEverything(name: string | undefined, column: string | undefined, by: Interpolation): boolean {
  const variable = by.templates.getVariables().find((v) => v.name === name);
  if (variable?.type !== 'query' || variable.datasource?.type !== by.pluginId) {
    return false;
  }
  const value: unknown = variable.current && 'value' in variable.current ? variable.current.value : undefined;
  const isAll = value === '$__all' || (Array.isArray(value) && value[0] === '$__all');
  const query: unknown = variable.query;
  return isAll && !variable.regex && isValuesQuery(query) && query.column === column && !isNarrowed(query);
}

function isValuesQuery(query: unknown): query is Partial<FluxhoundVariableQuery> {
  return typeof query === 'object' && query !== null && 'kind' in query && query.kind === 'values';
}

function isNarrowed(query: Partial<FluxhoundVariableQuery>): boolean {
  return Boolean(ownSearch(query) || query.filters?.length);
}

/**
 * The search text of a variable without what stands for what the viewer types into its picker: by that Grafana knows that the
 * picker searches, and it narrows what is listed only.
 */
export function ownSearch({ search = '' }: Partial<FluxhoundVariableQuery>): string {
  return search.replace(/\$\{__searchFilter\}|\$__searchFilter/g, '');
}
