import { FluxhoundQuery } from '../types';

/**
 * Keeps Fluxhound's own fields and those that Grafana needs to route the query. A panel that was switched from another
 * data source still carries that one's fields, and the back end refuses what it does not know.
 */
export function ownFields(query: FluxhoundQuery): FluxhoundQuery {
  const { refId, datasource, hide, key, queryType, format, params, filters, limit, allowlist, details, version } =
    query;
  return withoutUndefined({
    refId,
    datasource,
    hide,
    key,
    queryType,
    format,
    params,
    filters,
    limit,
    allowlist,
    details,
    version,
  });
}

function withoutUndefined(query: FluxhoundQuery): FluxhoundQuery {
  const kept = { ...query };
  for (const name of Object.keys(kept) as Array<keyof FluxhoundQuery>) {
    if (kept[name] === undefined) {
      delete kept[name];
    }
  }
  return kept;
}
