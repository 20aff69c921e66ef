import { dateTime } from '@grafana/data';

import { tableColumns } from '../fixtures/contract';
import { dataSource } from '../fixtures/datasource';

const range = { from: dateTime(1000), to: dateTime(2000), raw: { from: 'now-1h', to: 'now' } };

describe('ad hoc filters are offered', () => {
  it('the columns that the table has and that can be filtered on', async () => {
    const columns = tableColumns.columns.map((c) => (c.name === 'Protocol' ? { ...c, present: false } : c));
    const { datasource } = dataSource({ 'schema/columns': { ...tableColumns, columns } });
    const keys = (await datasource.getTagKeys()).map((key) => key.text);
    expect(keys).toContain('DeviceName');
    expect(keys).not.toContain('Timestamp');
    expect(keys).not.toContain('Protocol');
  });

  it('the column’s values among events that pass the other filters', async () => {
    const { datasource, requests } = dataSource();
    const values = await datasource.getTagValues({
      key: 'RemoteUrl',
      timeRange: range,
      filters: [
        { key: 'DeviceName', operator: '=', value: 'WS-1' },
        { key: 'RemoteUrl', operator: '=', value: 'a' },
        { key: 'RemoteIP', operator: '=', value: '' },
      ],
    });
    expect(values.map((v) => v.text)).toEqual(['WS-1', 'WS-2']);
    expect(requests[0].params).toEqual({
      column: 'RemoteUrl',
      limit: 10_000,
      from: 1000,
      to: 2000,
      filters: JSON.stringify([{ column: 'DeviceName', operator: '=', values: ['WS-1'] }]),
    });
  });
});
