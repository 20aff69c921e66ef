import { DataFrame, toDataFrame } from '@grafana/data';

import { gravestFirst, weightsFirst } from './gravestFirst';

function table(severities: string[], meta: DataFrame['meta'] = { preferredVisualisationType: 'table' }): DataFrame {
  const fields = [
    { name: 'Severity', values: severities },
    { name: 'Row', values: severities.map((_, i) => i) },
  ];
  return toDataFrame({ meta, fields });
}

it('puts the gravest rows first, and leaves those of one severity as they are', () => {
  const { fields } = gravestFirst(table(['low', 'critical', 'other', 'medium', 'critical', 'high']));
  expect(fields[0].values).toEqual(['critical', 'critical', 'high', 'medium', 'low', 'other']);
  expect(fields[1].values).toEqual([1, 4, 5, 3, 0, 2]);
});

it('leaves what is no list of findings', () => {
  const log = table(['low', 'high'], { preferredVisualisationType: 'logs' });
  expect(gravestFirst(log)).toBe(log);
  const events = toDataFrame({ meta: { preferredVisualisationType: 'table' }, fields: [{ name: 'Row', values: [1] }] });
  expect(gravestFirst(events)).toBe(events);
});

it('puts the columns first that weigh a finding', () => {
  const fields = ['Timestamp', 'Score', 'DeviceName', 'Severity'].map((name) => ({ name, values: [''] }));
  const frame = toDataFrame({ meta: { preferredVisualisationType: 'table' }, fields });
  expect(weightsFirst(frame).fields.map((f) => f.name)).toEqual(['Severity', 'Score', 'Timestamp', 'DeviceName']);
});
