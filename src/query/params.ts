import { isEqual } from 'lodash';

import { ParamSpec, QueryTypeSpec } from '../catalog';
import { FluxhoundQuery, Params, ParamValue } from '../types';

/** The parameter's value in the query: its own, or the default. */
export function paramValue(query: FluxhoundQuery, spec: ParamSpec): ParamValue {
  return query.params?.[spec.name] ?? spec.default;
}

export function isChanged(query: FluxhoundQuery, spec: ParamSpec): boolean {
  const own = query.params?.[spec.name];
  return own !== undefined && !isEqual(own, spec.default);
}

/** Sets a parameter. A value equal to the default is taken out: only what was changed is saved. */
export function setParam(query: FluxhoundQuery, spec: ParamSpec, value: ParamValue): FluxhoundQuery {
  if (isEqual(value, spec.default)) {
    return resetParams(query, [spec]);
  }
  return { ...query, params: { ...query.params, [spec.name]: value } };
}

/** Puts parameters back to their defaults. */
export function resetParams(query: FluxhoundQuery, specs: ParamSpec[]): FluxhoundQuery {
  const rest: Params = { ...query.params };
  for (const spec of specs) {
    delete rest[spec.name];
  }
  return withParams(query, rest);
}

/** The query's parameters that its type does not have, such as a detector's that was removed. */
export function unknownParams(query: FluxhoundQuery, spec: QueryTypeSpec): string[] {
  return Object.keys(query.params ?? {}).filter((name) => !spec.params.some((p) => p.name === name));
}

/**
 * Asks another query type. Parameters of the same name and kind are carried over; a format that the new type does not
 * have becomes the new type's first, or numeric for a rule.
 */
export function setQueryType(
  query: FluxhoundQuery,
  spec: QueryTypeSpec,
  preferred?: FluxhoundQuery['format']
): FluxhoundQuery {
  const kept: Params = {};
  for (const param of spec.params) {
    const own = query.params?.[param.name];
    if (own !== undefined && fitsKind(own, param)) {
      kept[param.name] = own;
    }
  }
  const format = [query.format, preferred, spec.formats[0]].find((f) => f !== undefined && spec.formats.includes(f));
  const { details, ...rest } = query;
  const explains = details && format === 'numeric' && spec.details !== undefined;
  return withParams({ ...rest, queryType: spec.name, format, ...(explains ? { details } : {}) }, kept);
}

function fitsKind(value: ParamValue, spec: ParamSpec): boolean {
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'enum':
      return typeof value === 'string' && Boolean(spec.options?.includes(value));
    case 'string':
      return typeof value === 'string';
    default:
      return Array.isArray(value);
  }
}

function withParams(query: FluxhoundQuery, params: Params): FluxhoundQuery {
  const { params: _, ...rest } = query;
  return Object.keys(params).length > 0 ? { ...rest, params } : rest;
}
