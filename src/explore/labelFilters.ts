import { QueryFixAction, ToggleFilterAction } from '@grafana/data';

import { Catalog, filterableColumnsOf, findQueryType } from '../catalog';
import { Filter, FluxhoundQuery, Operator } from '../types';

/** What Explore's "filter for" and "filter out" may ask of the query. */
export const MODIFICATIONS = ['ADD_FILTER', 'ADD_FILTER_OUT'];

/** Adds a condition on a column's value. A field that is no column of the events and no severity of findings changes nothing. */
export function modifyQuery(query: FluxhoundQuery, action: QueryFixAction, catalog?: Catalog): FluxhoundQuery {
  const { key, value } = action.options ?? {};
  if (!key || value === undefined || !MODIFICATIONS.includes(action.type) || !canFilter(key, query, catalog)) {
    return query;
  }
  return add(query, { column: key, operator: action.type === 'ADD_FILTER' ? '=' : '!=', values: [value] });
}

/** Adds the condition, takes it away when it is there, and replaces its opposite. */
export function toggleFilter(query: FluxhoundQuery, action: ToggleFilterAction, catalog?: Catalog): FluxhoundQuery {
  const { key, value } = action.options;
  if (!key || value === undefined || !canFilter(key, query, catalog)) {
    return query;
  }
  const operator: Operator = action.type === 'FILTER_FOR' ? '=' : '!=';
  const isThere = (query.filters ?? []).some((f) => matches(f, key, value, operator));
  return isThere
    ? withFilters(
        query,
        (query.filters ?? []).filter((f) => !matches(f, key, value, operator))
      )
    : add(query, { column: key, operator, values: [value] });
}

export function hasFilter(query: FluxhoundQuery, options: Record<string, string>): boolean {
  return (query.filters ?? []).some((f) => matches(f, options.key, options.value, '='));
}

function canFilter(key: string, { queryType }: FluxhoundQuery, catalog?: Catalog): boolean {
  return catalog !== undefined && filterableColumnsOf(catalog, findQueryType(catalog, queryType)).includes(key);
}

function add(query: FluxhoundQuery, filter: Filter): FluxhoundQuery {
  const opposite: Operator = filter.operator === '=' ? '!=' : '=';
  const [value] = filter.values;
  const rest = (query.filters ?? []).filter(
    (f) => !matches(f, filter.column, value, opposite) && !matches(f, filter.column, value, filter.operator)
  );
  return withFilters(query, [...rest, filter]);
}

function matches(filter: Filter, column: string, value: string, operator: Operator): boolean {
  return filter.column === column && filter.operator === operator && filter.values[0] === value;
}

function withFilters(query: FluxhoundQuery, filters: Filter[]): FluxhoundQuery {
  const { filters: _, ...rest } = query;
  return filters.length > 0 ? { ...rest, filters } : rest;
}
