import { FieldType, toDataFrame } from '@grafana/data';

import { catalog } from '../fixtures/contract';
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
