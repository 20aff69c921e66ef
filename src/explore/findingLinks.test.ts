import { DataFrame, DataFrameType, FieldType, InterpolateFunction, toDataFrame } from '@grafana/data';

import { QueryTypeSpec } from '../catalog';
import { catalog } from '../fixtures/contract';
import { Filter, FluxhoundQuery } from '../types';
import { withFindingLinks } from './findingLinks';

const FROM = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

const beacon = {
  Timestamp: FROM + 5 * HOUR,
  DeviceName: 'WS-1',
  RemoteIP: '203.0.113.7',
  RemoteUrl: 'c2.example',
  AlertType: 'PotentialBeaconing',
};

/** A table as the back end answers it, with one row. */
function table(queryType: string, row: Record<string, string | number>): DataFrame {
  return toDataFrame({
    refId: 'A',
    meta: {
      preferredVisualisationType: 'table',
      custom: { queryType, from: new Date(FROM).toISOString(), to: new Date(FROM + 24 * HOUR).toISOString() },
    },
    fields: Object.entries(row).map(([name, value]) => ({
      name,
      type: typeof value === 'number' ? FieldType.time : FieldType.string,
      values: [value],
    })),
  });
}

/** Replaces the row's fields as Grafana does when a link is opened: display text, or the number of a time. */
function replacing(row: Record<string, string | number>): InterpolateFunction {
  return (text) =>
    (text ?? '').replace(/\$\{__data\.fields\["(\w+)"\]\.(text|numeric)\}/g, (_, name, part) =>
      name in row ? String(part === 'numeric' && typeof row[name] === 'string' ? NaN : row[name]) : ''
    );
}

function open(
  queryType: string,
  row: Record<string, string | number>,
  {
    field = 'AlertType',
    title = 'Show the events',
    query,
    explore = true,
  }: { field?: string; title?: string; query?: FluxhoundQuery; explore?: boolean } = {}
): string {
  const frame = withFindingLinks(table(queryType, row), { datasourceUid: 'uid-1', explore, query, catalog });
  const link = frame.fields.find((f) => f.name === field)?.config.links?.find((l) => l.title === title);
  return link?.onBuildUrl?.({ origin: undefined, replaceVariables: replacing(row) }) ?? '';
}

function pane(url: string) {
  const { searchParams, pathname } = new URL(url, 'http://grafana');
  expect(pathname).toBe('/explore');
  return JSON.parse(searchParams.get('panes') ?? '').finding;
}

describe('the link from a finding to its events', () => {
  it('asks for events of the same device, address and name between the first and the last', () => {
    const row = { ...beacon, DeviceId: 'd1', FirstSeen: FROM + HOUR, LastSeen: FROM + 5 * HOUR };
    expect(pane(open('beaconing', row))).toEqual({
      datasource: 'uid-1',
      queries: [
        {
          refId: 'A',
          datasource: { type: 'fluxhound-detections-datasource', uid: 'uid-1' },
          queryType: 'events',
          format: 'logs',
          filters: [
            { column: 'DeviceName', operator: '=', values: ['WS-1'] },
            { column: 'DeviceId', operator: '=', values: ['d1'] },
            { column: 'RemoteIP', operator: '=', values: ['203.0.113.7'] },
            { column: 'RemoteUrl', operator: '=', values: ['c2.example'] },
          ],
        },
      ],
      // The span is half-open: the last event belongs to it.
      range: { from: String(FROM + HOUR), to: String(FROM + 5 * HOUR + 1) },
    });
  });

  it.each([
    ['a name', 'c2.example', { column: 'RemoteUrl', operator: 'contains', values: ['c2.example'] }],
    ['an address without a name', '203.0.113.7', { column: 'RemoteIP', operator: '=', values: ['203.0.113.7'] }],
  ])('of a case asks for its device and its host where that is %s', (_, host, condition) => {
    const row = {
      ...beacon,
      RemoteUrl: host,
      AlertType: 'HighRiskCase',
      DeviceId: 'd1',
      FirstSeen: FROM,
      LastSeen: FROM + HOUR,
    };
    expect(pane(open('cases', row)).queries[0].filters).toEqual([
      { column: 'DeviceName', operator: '=', values: ['WS-1'] },
      { column: 'DeviceId', operator: '=', values: ['d1'] },
      condition,
    ]);
  });

  it('follows what a detector says of its labels, whatever its name and its parameters', () => {
    const own: QueryTypeSpec = {
      ...catalog.detectors[0],
      name: 'fourth',
      alertType: 'Fourth',
      params: [
        { ...catalog.detectors[0].params[0], name: 'by', kind: 'enum', default: 'any', options: ['any', 'site'] },
      ],
      labels: [
        { name: 'device', column: 'DeviceName' },
        { name: 'remote_ip', column: 'RemoteIP' },
        { name: 'remote_url', column: 'RemoteUrl' },
      ],
      leads: [
        { column: 'DeviceName', how: 'varies', param: 'by', values: ['site'] },
        { column: 'RemoteUrl', how: 'host', param: 'by', values: ['site'] },
      ],
    };
    const link = (params?: FluxhoundQuery['params']) => {
      const row = { ...beacon, AlertType: 'Fourth' };
      const query: FluxhoundQuery = { refId: 'A', queryType: 'fourth', params };
      const of = { ...catalog, detectors: [...catalog.detectors, own] };
      const frame = withFindingLinks(table('fourth', row), {
        datasourceUid: 'uid-1',
        explore: true,
        query,
        catalog: of,
      });
      const opened = frame.fields.find((f) => f.name === 'AlertType')?.config.links?.[0];
      return pane(opened?.onBuildUrl?.({ origin: undefined, replaceVariables: replacing(row) }) ?? '').queries[0]
        .filters;
    };
    expect(link()).toContainEqual({ column: 'DeviceName', operator: '=', values: ['WS-1'] });
    expect(link()).toContainEqual({ column: 'RemoteUrl', operator: '=', values: ['c2.example'] });
    expect(link({ by: 'site' })).toEqual([
      { column: 'RemoteIP', operator: '=', values: ['203.0.113.7'] },
      { column: 'RemoteUrl', operator: 'contains', values: ['c2.example'] },
    ]);
  });

  it('has no condition on a column that the panel has dropped', () => {
    const { DeviceName, Timestamp, ...kept } = beacon;
    const frame = withFindingLinks(table('alerts', beacon), {
      datasourceUid: 'uid-1',
      explore: true,
      query: undefined,
      catalog,
    });
    const links = frame.fields.find((f) => f.name === 'AlertType')?.config.links;
    const { queries, range } = pane(
      links?.[0].onBuildUrl?.({ origin: undefined, replaceVariables: replacing(kept) }) ?? ''
    );
    expect(queries[0].filters).toEqual([
      { column: 'RemoteIP', operator: '=', values: ['203.0.113.7'] },
      { column: 'RemoteUrl', operator: '=', values: ['c2.example'] },
    ]);
    expect(range).toEqual({ from: String(FROM), to: String(FROM + 24 * HOUR) });
  });

  it.each([
    ['answers nothing', () => ''],
    ['leaves the variables as they are', (text?: string) => text ?? ''],
  ])('leads to the whole window where a number has no row and Grafana %s', (_, replaceVariables) => {
    const frame = withFindingLinks(table('beaconing', beacon), {
      datasourceUid: 'uid-1',
      explore: true,
      query: undefined,
      catalog,
    });
    for (const name of ['AlertType', 'DeviceName', 'RemoteIP', 'RemoteUrl']) {
      for (const link of frame.fields.find((f) => f.name === name)?.config.links ?? []) {
        const { queries, range } = pane(link.onBuildUrl?.({ origin: undefined, replaceVariables }) ?? '');
        expect(queries[0].filters).toEqual([]);
        expect(range).toEqual({ from: String(FROM), to: String(FROM + 24 * HOUR) });
      }
    }
  });

  it('is not added to a summary, whose rows are no findings', () => {
    const summary = table('alerts', { Detector: 'beaconing', AlertType: 'PotentialBeaconing', Findings: 7 });
    expect(withFindingLinks(summary, { datasourceUid: 'u', explore: true, query: undefined, catalog })).toBe(summary);
  });

  it('takes an empty name for what it is: the events without one', () => {
    const row = { ...beacon, RemoteUrl: '', FirstSeen: FROM, LastSeen: FROM + HOUR };
    expect(pane(open('beaconing', row)).queries[0].filters).toContainEqual({
      column: 'RemoteUrl',
      operator: '=',
      values: [''],
    });
  });

  it('from the union begins with the window, for a row has only the last time', () => {
    expect(pane(open('alerts', beacon)).range).toEqual({ from: String(FROM), to: String(FROM + 5 * HOUR + 1) });
  });

  it('for dynamic DNS spans devices and addresses: only the name is asked for', () => {
    const row = { ...beacon, DeviceName: 'Multiple', RemoteUrl: 'a.duckdns.org', AlertType: 'SuspiciousDynamicDNS' };
    expect(pane(open('alerts', row)).queries[0].filters).toEqual([
      { column: 'RemoteUrl', operator: '=', values: ['a.duckdns.org'] },
    ]);
  });

  it.each([
    ['dynamicDns', { match: 'suffix' }],
    ['alerts', { 'dynamicDns.match': 'suffix' }],
    ['dynamicDns', { groupBy: 'tenant' }],
  ])('for hosts found by suffix in %s asks for URLs that contain the host', (queryType, params) => {
    const row = { ...beacon, DeviceName: 'Multiple', RemoteUrl: 'a.duckdns.org', AlertType: 'SuspiciousDynamicDNS' };
    const query = { refId: 'A', queryType, params };
    expect(pane(open(queryType, row, { query })).queries[0].filters).toEqual([
      { column: 'RemoteUrl', operator: 'contains', values: ['a.duckdns.org'] },
    ]);
  });

  it.each(['alerts', 'fastFlux'])('for fast flux in %s is the device’s whole hour', (queryType) => {
    const row = { ...beacon, RemoteIP: '', AlertType: 'PotentialFastFluxActivity' };
    const { queries, range } = pane(open(queryType, row));
    expect(queries[0].filters).toEqual([{ column: 'DeviceName', operator: '=', values: ['WS-1'] }]);
    expect(range).toEqual({ from: String(beacon.Timestamp), to: String(beacon.Timestamp + HOUR) });
  });

  it.each([
    ['fastFlux', { groupBy: 'host' }],
    ['alerts', { 'fastFlux.groupBy': 'host' }],
  ])('for fast flux by host in %s asks for the host on every device', (queryType, params) => {
    const row = {
      ...beacon,
      DeviceName: 'Multiple',
      RemoteUrl: 'flux.example',
      AlertType: 'PotentialFastFluxActivity',
    };
    const query = { refId: 'A', queryType, params };
    expect(pane(open(queryType, row, { query })).queries[0].filters).toEqual([
      { column: 'RemoteUrl', operator: 'contains', values: ['flux.example'] },
    ]);
  });

  it('for a beacon by host asks for the host, whatever its addresses', () => {
    const query = { refId: 'A', queryType: 'beaconing', params: { groupBy: 'host' } };
    const filters: Filter[] = pane(open('beaconing', beacon, { query })).queries[0].filters;
    const columns = filters.map((f) => [f.column, f.operator]);
    expect(columns).toContainEqual(['RemoteUrl', 'contains']);
    expect(columns).toContainEqual(['DeviceName', '=']);
    expect(columns.map(([column]) => column)).not.toContain('RemoteIP');
  });

  it('compares an IPv6 address as a number', () => {
    const row = { ...beacon, RemoteIP: '2001:db8::1', FirstSeen: FROM, LastSeen: FROM };
    expect(pane(open('beaconing', row)).queries[0].filters).toContainEqual({
      column: 'RemoteIP',
      operator: 'inSubnet',
      values: ['2001:db8::1/128'],
    });
  });

  it.each([
    ['quotes and braces', `"}],"x":[{"a":"`],
    ['a template variable', '${__from}$device[[device]]'],
    ['a URL’s own characters', 'http://x/?a=b&c=d#e%20f'],
    ['a line break', 'a\nb'],
  ])('carries %s in a value as they are', (_, evil) => {
    const row = { ...beacon, RemoteUrl: evil, FirstSeen: FROM, LastSeen: FROM };
    const url = open('beaconing', row);
    expect(url).not.toMatch(/[$"\n{}[\]]/);
    expect(pane(url).queries[0].filters.at(-1).values).toEqual([evil]);
  });

  it.each([
    ['over the longest that a filter takes', `https://c2.example/${'x'.repeat(4096)}`],
    ['with a byte that is no UTF-8', 'z\ufffdq.duckdns.org'],
  ])('asks for the finding by its key where its URL is %s', (_, url) => {
    const row = { ...beacon, RemoteUrl: url, FindingKey: '84c6bebc9075486d' };
    const query = {
      refId: 'B',
      queryType: 'beaconing',
      params: { minConnections: 5 },
      filters: [{ column: 'DeviceName', operator: '=' as const, values: ['WS-1'] }],
    };
    expect(pane(open('beaconing', row, { query }))).toEqual({
      datasource: 'uid-1',
      queries: [
        {
          refId: 'A',
          datasource: { type: 'fluxhound-detections-datasource', uid: 'uid-1' },
          queryType: 'beaconing',
          format: 'table',
          params: { minConnections: 5 },
          filters: [
            { column: 'DeviceName', operator: '=', values: ['WS-1'] },
            { column: 'FindingKey', operator: '=', values: ['84c6bebc9075486d'] },
          ],
        },
      ],
      range: { from: String(FROM), to: String(FROM + 24 * HOUR) },
    });
  });

  it('asks for events where every value can be written, key or not', () => {
    const row = { ...beacon, RemoteUrl: 'x'.repeat(4096), FindingKey: '84c6bebc9075486d' };
    expect(pane(open('beaconing', row)).queries[0].queryType).toBe('events');
  });

  it.each([
    ['a name', { RemoteUrl: 'a|b,c#d.example' }, 'RemoteUrl|=|a__gfp__b__gfc__c__gfh__d.example'],
    ['no name', { RemoteUrl: '' }, 'RemoteUrl|=~|^$'],
    ['an IPv6 address', { RemoteIP: '2001:db8::1' }, 'RemoteIP|=|2001:db8::1/128'],
  ])('leads who may not open Explore to the dashboard of events, of %s', (_, part, condition) => {
    const url = new URL(open('beaconing', { ...beacon, ...part }, { explore: false }), 'http://grafana');
    expect(url.pathname).toBe('/d/fluxhound-events');
    const { searchParams } = url;
    expect(searchParams.get('var-datasource')).toBe('uid-1');
    expect(searchParams.getAll('var-filters')).toEqual(expect.arrayContaining(['DeviceName|=|WS-1', condition]));
    expect(searchParams.get('to')).toBe(String(FROM + 5 * HOUR + 1));
  });

  it('asks the dashboard of events for a host as a part of the name', () => {
    const row = { ...beacon, RemoteUrl: 'c2.example', AlertType: 'HighRiskCase' };
    const { searchParams } = new URL(open('cases', row, { explore: false }), 'http://grafana');
    expect(searchParams.getAll('var-filters')).toContain(String.raw`RemoteUrl|=~|.*c2\.example.*`);
  });

  it('stands on what identifies a finding, and leaves links that are there', () => {
    const given = table('alerts', beacon);
    given.fields[4].config.links = [{ title: 'mine', url: '/x' }];
    const frame = withFindingLinks(given, { datasourceUid: 'u', explore: true, query: undefined, catalog });
    const linked = frame.fields.filter((f) => f.config.links?.length).map((f) => f.name);
    expect(linked).toEqual(['DeviceName', 'RemoteIP', 'RemoteUrl', 'AlertType']);
    expect(frame.fields[4].config.links?.map((l) => l.title)).toEqual(['mine', 'Show the events']);
  });
});

describe('the link from a device to its dashboard', () => {
  const device = { field: 'DeviceName', title: 'Investigate the device' };

  it('names the device and the finding’s time, with an hour on either side', () => {
    const row = { ...beacon, DeviceName: 'WS 1&x', FirstSeen: FROM + HOUR, LastSeen: FROM + 2 * HOUR };
    expect(open('beaconing', row, device)).toBe(
      `/d/fluxhound-device?var-datasource=uid-1&var-device=WS%201%26x&from=${FROM}&to=${FROM + 3 * HOUR + 1}`
    );
  });

  it('leads to the events where a finding spans devices', () => {
    const row = { ...beacon, DeviceName: 'Multiple', AlertType: 'SuspiciousDynamicDNS' };
    expect(open('alerts', row, device)).toMatch(/^\/explore\?/);
  });

  it('leads who may not open Explore to their dashboard', () => {
    const row = { ...beacon, DeviceName: 'Multiple', AlertType: 'SuspiciousDynamicDNS' };
    expect(open('alerts', row, { ...device, explore: false })).toMatch(
      /^\/d\/fluxhound-events\?var-datasource=uid-1&var-filters=RemoteUrl.*&from=\d+&to=\d+$/
    );
  });
});

describe('the link from a group of events', () => {
  const group = { RemoteIP: '203.0.113.7', RemoteUrl: '', Events: 7 };
  const query: FluxhoundQuery = {
    refId: 'A',
    queryType: 'events',
    params: { groupBy: ['RemoteIP', 'RemoteUrl'] },
    filters: [
      { column: 'DeviceName', operator: '=', values: ['WS-1'] },
      { column: 'RemoteUrl', operator: '=', values: [''] },
    ],
  };

  it('asks for what the query asks, of the group', () => {
    const { queries, range } = pane(open('events', group, { field: 'RemoteIP', query }));
    expect(queries[0].filters).toEqual([
      { column: 'DeviceName', operator: '=', values: ['WS-1'] },
      { column: 'RemoteIP', operator: '=', values: ['203.0.113.7'] },
      { column: 'RemoteUrl', operator: '=', values: [''] },
    ]);
    expect(range).toEqual({ from: String(FROM), to: String(FROM + 24 * HOUR) });
  });

  it('stands on what the events are grouped by', () => {
    expect(open('events', group, { field: 'Events', query })).toBe('');
    expect(open('events', group, { field: 'RemoteUrl', query })).not.toBe('');
  });
});

describe('the link from a series', () => {
  function series(queryType: string, labels: Record<string, string>) {
    const frame = toDataFrame({
      refId: 'A',
      meta: {
        type: DataFrameType.TimeSeriesMulti,
        custom: { queryType, from: new Date(FROM).toISOString(), to: new Date(FROM + HOUR).toISOString() },
      },
      fields: [
        { name: 'Timestamp', type: FieldType.time, values: [FROM] },
        { name: 'ConnectionCount', type: FieldType.number, labels, values: [1] },
      ],
    });
    const source = { datasourceUid: 'uid-1', explore: true, query: undefined, catalog };
    const [link] = withFindingLinks(frame, source).fields[1].config.links ?? [];
    return link?.onBuildUrl?.({ origin: undefined, replaceVariables: (text) => text ?? '' });
  }

  it('asks for the events of the finding that its labels name', () => {
    const { queries, range } = pane(series('dynamicDns', { remote_url: 'a.duckdns.org' }) ?? '');
    expect(queries[0].filters).toEqual([{ column: 'RemoteUrl', operator: '=', values: ['a.duckdns.org'] }]);
    expect(range).toEqual({ from: String(FROM), to: String(FROM + HOUR) });
  });

  it.each([
    ['c2.example', { column: 'RemoteUrl', operator: 'contains', values: ['c2.example'] }],
    ['203.0.113.7', { column: 'RemoteIP', operator: '=', values: ['203.0.113.7'] }],
    ['2001:db8::7', { column: 'RemoteIP', operator: 'inSubnet', values: ['2001:db8::7/128'] }],
  ])('of a case asks for its host %s, which is an address where no name is known', (host, condition) => {
    const { queries } = pane(series('cases', { device: 'WS-1', device_id: 'd1', remote_url: host }) ?? '');
    expect(queries[0].filters).toEqual([
      { column: 'DeviceName', operator: '=', values: ['WS-1'] },
      { column: 'DeviceId', operator: '=', values: ['d1'] },
      condition,
    ]);
  });

  it('is not there where its labels name none', () => {
    expect(series('dynamicDns', {})).toBeUndefined();
    expect(series('events', { action: 'ConnectionSuccess' })).toBeUndefined();
  });
});

describe('other frames have no links', () => {
  it.each([
    ['events', table('events', beacon)],
    ['a query type that is not in the catalog', table('gone', beacon)],
    ['a time series', { ...table('alerts', beacon), meta: { custom: { queryType: 'alerts' } } }],
    ['another data source’s', { ...table('alerts', beacon), meta: undefined }],
  ])('%s', (_, frame) => {
    expect(withFindingLinks(frame, { datasourceUid: 'u', explore: true, query: undefined, catalog })).toBe(frame);
  });
});
