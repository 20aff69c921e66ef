import { FluxhoundQuery } from '../types';
import { ownFields } from './outgoing';

/** Fields that Grafana adds to every query, whatever its data source; the back end has the same list. */
export const GRAFANAS = [
  'adhocFilters',
  'adHocFilters',
  'app',
  'cacheDurationSeconds',
  'conditions',
  'datasource',
  'datasourceId',
  'datasourceUid',
  'expression',
  'fromAlert',
  'groupByKeys',
  'hasRefId',
  'hide',
  'interval',
  'intervalMs',
  'key',
  'maxDataPoints',
  'panelId',
  'pluginVersion',
  'queryCachingTTL',
  'queryLibraryRef',
  'reducer',
  'refId',
  'relativeTimeRange',
  'requestId',
  'resultAssertions',
  'savedQueryUid',
  'scenarioId',
  'scopedVars',
  'scopes',
  'settings',
  'timeRange',
  'timezone',
  'type',
  'window',
];

/** The fields of a query that nobody reads: another data source's, or mistyped in a dashboard's or rule's JSON. */
export function unreadFields(query: FluxhoundQuery): string[] {
  const own = Object.keys(ownFields(query));
  return Object.entries(query)
    .filter(([name, value]) => value !== undefined && !own.includes(name))
    .map(([name]) => name)
    .filter((name) => !GRAFANAS.includes(name) && !name.startsWith('__'))
    .sort();
}
