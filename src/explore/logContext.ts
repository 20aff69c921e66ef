import {
  CoreApp,
  DataQueryRequest,
  dateTime,
  LogRowContextOptions,
  LogRowContextQueryDirection,
  LogRowModel,
  TimeRange,
} from '@grafana/data';

import { FluxhoundQuery } from '../types';

/** How far context reaches to one side: a device that has been silent for longer has no context. */
const WINDOW_MS = 24 * 60 * 60 * 1000;

const PAGE = 100;

/** The request for the events of the same device right before or after a log line, nearest first. */
export function contextRequest(
  row: LogRowModel,
  options: LogRowContextOptions = {},
  datasource?: FluxhoundQuery['datasource']
): DataQueryRequest<FluxhoundQuery> {
  const backward = options.direction !== LogRowContextQueryDirection.Forward;
  const target: FluxhoundQuery = {
    refId: `${row.dataFrame.refId ?? 'A'}-context`,
    datasource,
    queryType: 'events',
    format: 'logs',
    limit: options.limit ?? PAGE,
    params: {
      contextTime: new Date(row.timeEpochMs).toISOString(),
      contextDirection: backward ? 'before' : 'after',
      ...(row.labels.DeviceId ? { contextDevice: row.labels.DeviceId } : {}),
    },
  };
  return {
    requestId: `fluxhound-context-${row.uid}-${backward ? 'before' : 'after'}`,
    app: CoreApp.Explore,
    interval: '1s',
    intervalMs: 1000,
    range: contextRange(row, backward, options.timeWindowMs ?? WINDOW_MS),
    scopedVars: options.scopedVars ?? {},
    startTime: Date.now(),
    targets: [target],
    timezone: 'utc',
  };
}

/** The query that opens a log line's context in Explore: all events of its device. */
export function contextQuery(row: LogRowModel, query?: FluxhoundQuery): FluxhoundQuery {
  const device = row.labels.DeviceId;
  return {
    refId: query?.refId ?? 'A',
    ...(query?.datasource ? { datasource: query.datasource } : {}),
    queryType: 'events',
    format: 'logs',
    ...(device ? { filters: [{ column: 'DeviceId', operator: '=', values: [device] }] } : {}),
  };
}

/** Ranges are half-open: the line's own instant belongs to what comes after it, as in the back end's conditions. */
function contextRange(row: LogRowModel, backward: boolean, windowMs: number): TimeRange {
  const from = dateTime(backward ? row.timeEpochMs - windowMs : row.timeEpochMs);
  const to = dateTime(backward ? row.timeEpochMs : row.timeEpochMs + windowMs);
  return { from, to, raw: { from, to } };
}
