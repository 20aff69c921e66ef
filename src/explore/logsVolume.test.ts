import {
  CoreApp,
  DataQueryRequest,
  FieldType,
  getDefaultTimeRange,
  SupplementaryQueryType,
  toDataFrame,
} from '@grafana/data';

import { FluxhoundQuery } from '../types';
import { volumeQuery, volumeRequest, withLevel } from './logsVolume';

const logs: FluxhoundQuery = {
  refId: 'A',
  queryType: 'events',
  format: 'logs',
  limit: 100,
  filters: [{ column: 'DeviceName', operator: '=', values: ['WS-1'] }],
};

function request(...targets: FluxhoundQuery[]): DataQueryRequest<FluxhoundQuery> {
  return {
    targets,
    requestId: 'r',
    app: CoreApp.Explore,
    interval: '1m',
    intervalMs: 60_000,
    range: getDefaultTimeRange(),
    scopedVars: {},
    startTime: 0,
    timezone: 'utc',
  };
}

describe('the histogram above log lines', () => {
  it('counts the same events, all of them', () => {
    expect(volumeQuery(logs)).toEqual({
      refId: 'log-volume-A',
      queryType: 'events',
      format: 'timeseries',
      filters: logs.filters,
    });
  });

  it.each([
    ['a table of events', { ...logs, format: 'table' as const }],
    ['findings', { refId: 'A', queryType: 'alerts', format: 'table' as const }],
    ['a hidden query', { ...logs, hide: true }],
  ])('is not there for %s', (_, query) => {
    expect(volumeQuery(query)).toBeUndefined();
  });

  it('is there for events without a format, whose default is logs', () => {
    expect(volumeQuery({ refId: 'A', queryType: 'events' })?.format).toBe('timeseries');
  });

  it('is asked for the log queries of a request', () => {
    const asked = volumeRequest(SupplementaryQueryType.LogsVolume, request(logs, { refId: 'B', queryType: 'alerts' }));
    expect(asked?.targets.map((q) => q.refId)).toEqual(['log-volume-A']);
    expect(
      volumeRequest(SupplementaryQueryType.LogsVolume, request({ refId: 'B', queryType: 'alerts' }))
    ).toBeUndefined();
    expect(volumeRequest(SupplementaryQueryType.LogsSample, request(logs))).toBeUndefined();
  });

  it.each([
    ['ConnectionFailed', 'warning'],
    ['ConnectionSuccess', 'info'],
    ['', 'info'],
  ])('has the level of its log lines: %p is %s', (action, level) => {
    const frame = toDataFrame({
      refId: 'log-volume-A',
      fields: [
        { name: 'Time', type: FieldType.time, values: [1] },
        { name: 'Value', type: FieldType.number, values: [2], labels: { action } },
      ],
    });
    expect(withLevel(frame).fields[1].labels).toEqual({ action, level });
  });

  it('leaves other frames alone', () => {
    const frame = toDataFrame({ refId: 'A', fields: [{ name: 'Value', type: FieldType.number, values: [2] }] });
    expect(withLevel(frame)).toBe(frame);
  });
});
