import { catalog } from '../fixtures/contract';
import { queryDisplayText } from './displayText';

describe('the query in the history', () => {
  it.each([
    [{ refId: 'A', queryType: 'alerts', format: 'table' as const }, 'All alerts (table)'],
    [
      {
        refId: 'A',
        queryType: 'beaconing',
        format: 'timeseries' as const,
        params: { minConnections: 30, ports: [80, 443] },
        filters: [{ column: 'DeviceName', operator: 'in' as const, values: ['WS-1', 'WS-2'] }],
      },
      'Beaconing (time series) · Minimum connections: 30 connections · Remote ports: 80, 443 · DeviceName in WS-1, WS-2',
    ],
    [{ refId: 'A', queryType: 'events' }, 'Events'],
    [
      { refId: 'A', queryType: 'alerts', limit: 50, allowlist: 'ignore' as const },
      'All alerts · limit 50 · allowlist ignored',
    ],
    [{ refId: 'A', queryType: 'alerts', limit: 1000, allowlist: 'apply' as const }, 'All alerts'],
  ])('reads well', (query, want) => {
    expect(queryDisplayText(query, catalog)).toBe(want);
  });

  it('says what it can before the catalog is known', () => {
    expect(queryDisplayText({ refId: 'A', queryType: 'beaconing', params: { minConnections: 30 } })).toBe(
      'beaconing · minConnections: 30'
    );
    expect(queryDisplayText({ refId: 'A', queryType: 'beaconing', limit: 50 })).toBe('beaconing · limit 50');
  });
});
