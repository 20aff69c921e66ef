import { LogLevel, LogRowContextQueryDirection, LogRowModel, toDataFrame } from '@grafana/data';

import { param } from '../fixtures/contract';
import { contextQuery, contextRequest } from './logContext';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const DAY = 86_400_000;

function row(labels: Record<string, string>): LogRowModel {
  return {
    entryFieldIndex: 1,
    rowIndex: 0,
    dataFrame: toDataFrame({ refId: 'A', fields: [] }),
    entry: '',
    hasAnsi: false,
    hasUnescapedContent: false,
    labels,
    logLevel: LogLevel.info,
    raw: '',
    timeFromNow: '',
    timeEpochMs: AT,
    timeEpochNs: `${AT}000000`,
    timeLocal: '',
    timeUtc: '',
    uid: 'u1',
  };
}

describe('log context', () => {
  it('before a line is its device’s events right before, nearest first', () => {
    const asked = contextRequest(row({ DeviceId: 'd1' }), {
      direction: LogRowContextQueryDirection.Backward,
      limit: 50,
    });
    expect(asked.targets).toEqual([
      {
        refId: 'A-context',
        queryType: 'events',
        format: 'logs',
        limit: 50,
        params: { contextTime: '2026-01-02T03:04:05.678Z', contextDirection: 'before', contextDevice: 'd1' },
      },
    ]);
    expect([asked.range.from.valueOf(), asked.range.to.valueOf()]).toEqual([AT - DAY, AT]);
  });

  it('after a line begins with its own instant', () => {
    const asked = contextRequest(row({ DeviceId: 'd1' }), { direction: LogRowContextQueryDirection.Forward });
    expect(asked.targets[0].params).toMatchObject({ contextDirection: 'after' });
    expect([asked.range.from.valueOf(), asked.range.to.valueOf()]).toEqual([AT, AT + DAY]);
  });

  it('reaches as far as the viewer chose', () => {
    const asked = contextRequest(row({}), { direction: LogRowContextQueryDirection.Forward, timeWindowMs: 1000 });
    expect(asked.range.to.valueOf()).toBe(AT + 1000);
  });

  it('asks only with parameters that the back end has', () => {
    const names = Object.keys(contextRequest(row({ DeviceId: 'd1' })).targets[0].params ?? {});
    expect(names.map((name) => param('events', name).name)).toEqual(names);
    expect(param('events', 'contextDirection').options).toEqual(['before', 'after']);
  });

  it('opens in Explore as all events of the device', () => {
    expect(contextQuery(row({ DeviceId: 'd1' }), { refId: 'B', queryType: 'events' })).toEqual({
      refId: 'B',
      queryType: 'events',
      format: 'logs',
      filters: [{ column: 'DeviceId', operator: '=', values: ['d1'] }],
    });
  });
});
