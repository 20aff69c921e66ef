import { FieldType, toDataFrame } from '@grafana/data';

import { catalog, spec } from '../fixtures/contract';
import { withFilterableCells } from './filterableCells';

it('lets the cells of the events’ columns be filtered, and no others', () => {
  const frame = toDataFrame({
    fields: [
      { name: 'Timestamp', type: FieldType.time, values: [0] },
      { name: 'DeviceName', type: FieldType.string, values: ['WS-1'] },
      { name: 'RemotePort', type: FieldType.number, values: [443] },
      { name: 'Score', type: FieldType.number, values: [0.9] },
    ],
  });
  const filterable = withFilterableCells(frame, catalog).fields.filter((f) => f.config.filterable);
  expect(filterable.map((f) => f.name)).toEqual(['DeviceName', 'RemotePort']);
});

it.each([
  ['a detector', 'beaconing', ['DeviceName', 'Severity']],
  ['the union', 'alerts', ['DeviceName', 'Severity']],
  ['events', 'events', ['DeviceName']],
  ['no query of Explore', undefined, ['DeviceName']],
])('lets severities be filtered that Explore shows of %s', (_, queryType, want) => {
  const frame = toDataFrame({
    fields: [
      { name: 'DeviceName', type: FieldType.string, values: ['WS-1'] },
      { name: 'Severity', type: FieldType.string, values: ['high'] },
    ],
  });
  const cells = withFilterableCells(frame, catalog, queryType ? spec(queryType) : undefined);
  expect(cells.fields.filter((f) => f.config.filterable).map((f) => f.name)).toEqual(want);
});
