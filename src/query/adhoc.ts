import { AdHocVariableFilter } from '@grafana/data';

import { Filter } from '../types';
import { AdHocFilterError } from './problems';

/**
 * Turns a dashboard's ad hoc filters into structured ones.
 *
 * A regular expression passes where it says no more than a structured filter can: a plain text, a list of plain texts,
 * or a plain text with `.*` before or after it. As in Grafana's other data sources it must match the whole value. Any
 * other throws an AdHocFilterError: to leave it out would show what the viewer asked not to see.
 */
export function adHocFilters(filters: AdHocVariableFilter[] | undefined): Filter[] {
  return (filters ?? []).filter((f) => f.key !== '' && !matchesEverything(f)).map(structured);
}

function matchesEverything({ operator, value }: AdHocVariableFilter): boolean {
  return operator === '=~' && /^\^?\.\*\$?$/.test(value);
}

function structured(filter: AdHocVariableFilter): Filter {
  const { key: column, operator, value } = filter;
  switch (operator) {
    case '=':
      return { column, operator: isSubnet(column, value) ? 'inSubnet' : '=', values: [value] };
    case '!=':
      return { column, operator, values: [value] };
    case '=|':
      return { column, operator: 'in', values: several(filter) };
    case '!=|':
      return { column, operator: 'notIn', values: several(filter) };
    case '=~':
    case '!~':
      return fromPattern(filter);
    default:
      throw new AdHocFilterError(column, operator, value);
  }
}

/** No address has a slash: it stands before the length of a subnet. */
function isSubnet(column: string, value: string): boolean {
  return column.endsWith('IP') && value.includes('/');
}

function several({ value, values }: AdHocVariableFilter): string[] {
  return values && values.length > 0 ? values : [value];
}

function fromPattern({ key: column, operator, value }: AdHocVariableFilter): Filter {
  const pattern = value.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
  const matches = operator === '=~';
  const list = alternatives(pattern);
  if (list) {
    if (list.length === 1) {
      return { column, operator: matches ? '=' : '!=', values: list };
    }
    return { column, operator: matches ? 'in' : 'notIn', values: list };
  }
  const [, before, middle, after] = /^(\.\*)?(.*?)(\.\*)?$/s.exec(pattern) ?? [];
  const text = literal(middle ?? '');
  if (!matches || !text) {
    throw new AdHocFilterError(column, operator, value);
  }
  return { column, operator: before ? (after ? 'contains' : 'endsWith') : 'startsWith', values: [text] };
}

/** The texts of `a`, `a|b`, `(a|b)` or `(?:a|b)`; nothing when one of them is more than a text. */
function alternatives(pattern: string): string[] | undefined {
  const inner = /^\((?:\?:)?(.*)\)$/s.exec(pattern)?.[1] ?? pattern;
  const texts = inner.split(/(?<!\\)\|/).map(literal);
  return texts.every((text): text is string => text !== undefined) ? texts : undefined;
}

/** The text that a pattern without operators stands for; `\.` stands for a dot. */
function literal(pattern: string): string | undefined {
  const bare = pattern.replace(/\\[^A-Za-z0-9]/g, '');
  return /[\\^$.*+?()[\]{}|]/.test(bare) ? undefined : pattern.replace(/\\([^A-Za-z0-9])/g, '$1');
}
