import { CoreApp, DataFrame, DataQueryRequest, getDefaultTimeRange } from '@grafana/data';
import { config, setDataSourceSrv, setTemplateSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';

import { dataSource, instanceSettings, resourceFault } from './fixtures/datasource';
import { templates } from './fixtures/templates';
import { FluxhoundQuery } from './types';

const query: FluxhoundQuery = { refId: 'A', queryType: 'beaconing', format: 'table' };

function request(targets: FluxhoundQuery[], more: Partial<DataQueryRequest<FluxhoundQuery>> = {}) {
  return {
    targets,
    requestId: 'r',
    app: CoreApp.Dashboard,
    interval: '1m',
    intervalMs: 60_000,
    range: getDefaultTimeRange(),
    scopedVars: {},
    startTime: 0,
    timezone: 'utc',
    ...more,
  };
}

/** A table frame in the form of Grafana's query API. */
const findings = {
  results: {
    A: {
      status: 200,
      frames: [
        {
          schema: {
            refId: 'A',
            meta: { preferredVisualisationType: 'table', custom: { queryType: 'beaconing' } },
            fields: [{ name: 'AlertType', type: 'string' }],
          },
          data: { values: [['PotentialBeaconing']] },
        },
      ],
    },
  },
};

function sent(requests: ReturnType<typeof dataSource>['requests']) {
  return requests.find((r) => r.url.startsWith('/api/ds/query'))?.data.queries;
}

beforeEach(() => {
  setDataSourceSrv({
    get: jest.fn(),
    getList: jest.fn(),
    getInstanceSettings: () => instanceSettings,
    reload: jest.fn(),
    registerRuntimeDataSource: jest.fn(),
  } as never);
  config.exploreEnabled = true;
});

describe('the data source', () => {
  it('does not run a query without a type', () => {
    const { datasource } = dataSource();
    expect(datasource.filterQuery({ refId: 'A' })).toBe(false);
    expect(datasource.filterQuery(query)).toBe(true);
  });

  it('sends Fluxhound’s fields, with variables replaced and ad hoc filters added', async () => {
    const { datasource, requests } = dataSource();
    setTemplateSrv(templates({ device: { value: ['WS-1', 'WS-2'] }, min: { value: '30' } }));
    const target = {
      ...query,
      expr: 'up',
      params: { minConnections: '$min' },
      filters: [{ column: 'DeviceName', operator: '=' as const, values: ['$device'] }],
    };
    const filters = [{ key: 'RemoteUrl', operator: '!=', value: 'a' }];
    await lastValueFrom(datasource.query(request([target], { filters })));
    expect(sent(requests)).toEqual([
      {
        ...query,
        datasource: datasource.getRef(),
        datasourceId: 7,
        intervalMs: 60_000,
        params: { minConnections: 30 },
        filters: [
          { column: 'DeviceName', operator: 'in', values: ['WS-1', 'WS-2'] },
          { column: 'RemoteUrl', operator: '!=', values: ['a'] },
        ],
      },
    ]);
  });

  it.each(['apply', 'ignore'])('lets a variable say %s of the allowlist', (word) => {
    const { datasource } = dataSource();
    setTemplateSrv(templates({ allowlist: { value: word } }));
    expect(datasource.applyTemplateVariables({ ...query, allowlist: '$allowlist' }, {}).allowlist).toBe(word);
    expect(datasource.applyTemplateVariables(query, {})).not.toHaveProperty('allowlist');
  });

  it('fails a query whose ad hoc filter cannot be asked, and sends nothing', async () => {
    const { datasource, requests } = dataSource();
    const filters = [{ key: 'RemoteUrl', operator: '=~', value: 'a[b]' }];
    await expect(lastValueFrom(datasource.query(request([query], { filters })))).rejects.toThrow(/cannot be asked/);
    expect(sent(requests)).toBeUndefined();
  });

  it('links findings to their events', async () => {
    const { datasource } = dataSource({ 'ds/query': findings });
    const { data } = await lastValueFrom(datasource.query(request([query])));
    const [frame]: DataFrame[] = data;
    expect(frame.fields[0].config.links?.map((l) => l.title)).toEqual(['Show the events']);
  });

  it('runs queries without the catalog, only without links', async () => {
    const { datasource } = dataSource({ 'ds/query': findings, detectors: resourceFault(500, {}) });
    const { data } = await lastValueFrom(datasource.query(request([query])));
    expect(data).toHaveLength(1);
    expect(data[0].fields[0].config.links).toBeUndefined();
  });

  it('keeps what Grafana needs when Explore is opened from a panel', () => {
    const { datasource } = dataSource();
    const ref = { uid: 'x', type: 'y' };
    expect(datasource.interpolateVariablesInQueries([{ ...query, datasource: ref }], {})[0].datasource).toEqual(ref);
  });

  it.each([
    ['a filter', { filters: [{ column: 'DeviceName', operator: '=' as const, values: ['$device'] }] }, true],
    ['a parameter', { params: { minConnections: '$min' } }, true],
    ['an entry of a list', { params: { domains: ['a.example', '$domain'] } }, true],
    ['the allowlist', { allowlist: '$allowlist' }, true],
    ['nowhere', { params: { minConnections: 3, domains: ['a.example'] } }, false],
  ])('tells rules of a variable in %s', (_, part, want) => {
    expect(dataSource().datasource.targetContainsTemplate({ ...query, ...part })).toBe(want);
  });

  it('asks log context as a query of its own', async () => {
    const { datasource, requests } = dataSource();
    const row = { dataFrame: { refId: 'A' }, timeEpochMs: 1000, labels: { DeviceId: 'd1' }, uid: 'u' };
    await datasource.getLogRowContext(row as never);
    expect(sent(requests)).toMatchObject([{ refId: 'A-context', params: { contextDevice: 'd1' } }]);
  });
});
