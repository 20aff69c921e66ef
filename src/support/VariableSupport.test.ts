import { CoreApp, DataQueryRequest, dateTime, MetricFindValue } from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';

import { dataSource, resourceFault } from '../fixtures/datasource';
import { templates } from '../fixtures/templates';
import { FluxhoundVariableQuery } from '../types';
import { VariableSupport } from './VariableSupport';

const range = { from: dateTime(1000), to: dateTime(2000), raw: { from: 'now-1h', to: 'now' } };

function request(
  query: Partial<FluxhoundVariableQuery>,
  scopedVars: DataQueryRequest['scopedVars'] = {}
): DataQueryRequest<FluxhoundVariableQuery> {
  return {
    targets: [{ refId: 'v', kind: 'values', ...query }],
    requestId: 'r',
    app: CoreApp.Dashboard,
    interval: '1m',
    intervalMs: 60_000,
    range,
    scopedVars,
    startTime: 0,
    timezone: 'utc',
  };
}

async function options(support: VariableSupport, asked: DataQueryRequest<FluxhoundVariableQuery>) {
  const { data } = await lastValueFrom(support.query(asked));
  return data.map((option: MetricFindValue) => option.value);
}

describe('a variable', () => {
  it('lists a column’s values in the time range', async () => {
    const { datasource, requests } = dataSource();
    expect(await options(new VariableSupport(datasource), request({ column: 'DeviceName' }))).toEqual(['WS-1', 'WS-2']);
    expect(requests[0].params).toEqual({ column: 'DeviceName', limit: 10_000, from: 1000, to: 2000 });
  });

  it('is the data source’s identifier, which it knows without asking', async () => {
    const { datasource, requests } = dataSource();
    expect(await options(new VariableSupport(datasource), request({ kind: 'dataSource' }))).toEqual(['fluxhound-uid']);
    expect(requests).toEqual([]);
  });

  it('is narrowed by a search and filters, in which other variables may stand', async () => {
    const { datasource, requests } = dataSource();
    setTemplateSrv(templates({ site: { value: 'HQ' }, process: { value: ['a.exe', 'b.exe'] } }));
    const column = 'InitiatingProcessFileName';
    await options(
      new VariableSupport(datasource),
      request({ column: 'DeviceName', search: '$site-', filters: [{ column, operator: '=', values: ['$process'] }] })
    );
    expect(requests[0].params).toMatchObject({
      search: 'HQ-',
      filters: JSON.stringify([{ column, operator: 'in', values: ['a.exe', 'b.exe'] }]),
    });
  });

  it('searches for what the viewer types into its picker, unless it has a search of its own', async () => {
    const { datasource, requests } = dataSource();
    const typed = { __searchFilter: { value: 'ws', text: 'ws' } };
    await options(new VariableSupport(datasource), request({ column: 'DeviceName' }, typed));
    await options(new VariableSupport(datasource), request({ column: 'DeviceName', search: 'DC' }, typed));
    expect(requests.map((r) => r.params?.search)).toEqual(['ws', 'DC']);
  });

  it('searches on the server where its query says that it does, and lists all until something is typed', async () => {
    const { datasource, requests } = dataSource();
    setTemplateSrv(templates({}));
    const typed = { __searchFilter: { value: 'ws', text: 'ws' } };
    for (const search of ['${__searchFilter}', '$__searchFilter']) {
      await options(new VariableSupport(datasource), request({ column: 'DeviceName', search }));
      await options(new VariableSupport(datasource), request({ column: 'DeviceName', search }, typed));
    }
    expect(requests.map((r) => r.params?.search)).toEqual([undefined, 'ws', undefined, 'ws']);
  });

  it('says where there are more values than it lists, with an option that no event has', async () => {
    const { datasource } = dataSource({ values: { values: ['WS-1', 'WS-2'], truncated: true } });
    const { data } = await lastValueFrom(new VariableSupport(datasource).query(request({ column: 'DeviceName' })));
    expect(data).toHaveLength(3);
    expect(data[2]).toEqual({ text: '… and more than these 2: type a part of the value', value: '…' });
  });

  it.each([
    [
      'alertTypes',
      [
        'PotentialBeaconing',
        'SuspiciousDynamicDNS',
        'PotentialFastFluxActivity',
        'HighRiskCase',
        'ThreatIntelMatch',
        'RepointedName',
      ],
    ],
    ['detectors', ['beaconing', 'dynamicDns', 'fastFlux', 'cases', 'threatIntel', 'repointed']],
  ] as const)('lists the %s of the catalog', async (kind, want) => {
    expect(await options(new VariableSupport(dataSource().datasource), request({ kind }))).toEqual(want);
  });

  it('without a column has no options, and asks nothing', async () => {
    const { datasource, requests } = dataSource();
    expect(await options(new VariableSupport(datasource), request({}))).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('tells why its options could not be read', async () => {
    const { datasource } = dataSource({ values: resourceFault(504, { message: '[timeout] too slow' }) });
    await expect(options(new VariableSupport(datasource), request({ column: 'DeviceName' }))).rejects.toThrow(
      '[timeout] too slow'
    );
  });
});
