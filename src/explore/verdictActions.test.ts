import { Action, DataFrame, FieldType, toDataFrame } from '@grafana/data';

import { withVerdictActions } from './verdictActions';

/** A table as the back end answers it. */
function table(
  queryType: string,
  columns: string[],
  preferredVisualisationType: 'table' | 'graph' = 'table'
): DataFrame {
  return toDataFrame({
    refId: 'A',
    meta: { preferredVisualisationType, custom: { queryType } },
    fields: columns.map((name) => ({ name, type: FieldType.string, values: ['x'], config: { description: name } })),
  });
}

const columns = ['DeviceName', 'RemoteUrl', 'Severity', 'Verdict', 'QueryType', 'FindingKey'];

/** The buttons of a frame, by the column that has them. */
function actionsOf(frame: DataFrame): Record<string, Action[]> {
  return Object.fromEntries(
    frame.fields.flatMap(({ name, config }) => (config.actions ? [[name, config.actions]] : []))
  );
}

function buttons(uid = 'uid-1'): Action[] {
  return actionsOf(withVerdictActions(table('findings', columns), uid)).FindingKey;
}

test('the keys of kept findings have a button for each verdict, and keep what else is said of them', () => {
  const frame = withVerdictActions(table('findings', columns), 'uid-1');
  expect(Object.keys(actionsOf(frame))).toEqual(['FindingKey']);
  expect(frame.fields.map(({ config }) => config.description)).toEqual(columns);
  const verdicts = buttons().map(({ fetch }) => new Map(fetch?.queryParams).get('verdict'));
  expect(verdicts).toEqual(['benign', 'malicious', 'investigating', 'none']);
});

test.each([
  ['another query type', table('beaconing', columns)],
  ['a count of findings', table('findings', ['Rule', 'Open'])],
  ['a chart', table('findings', columns, 'graph')],
])('%s has no buttons', (_, frame) => {
  expect(withVerdictActions(frame, 'uid-1')).toBe(frame);
});

test('a button posts to the data source itself, where the viewer has Grafana open', () => {
  for (const { fetch } of buttons('a/b')) {
    expect(fetch?.method).toBe('POST');
    expect(fetch?.url).toBe(`${window.location.origin}/api/datasources/uid/a%2Fb/resources/verdicts`);
  }
});

test('a button says what the finding is about, and the note that is typed', () => {
  const benign = new Map(buttons()[0].fetch?.queryParams);
  expect(Object.fromEntries(benign)).toEqual({
    findingKey: '${__data.fields.FindingKey}',
    verdict: 'benign',
    note: '$note',
    until: '30d',
    queryType: '${__data.fields.QueryType}',
    deviceName: '${__data.fields.DeviceName}',
    destination: '${__data.fields.RemoteUrl}',
    severity: '${__data.fields.Severity}',
  });
  expect(buttons()[0].variables).toEqual([{ key: 'note', name: 'Note', type: 'string' }]);
});

// Grafana works out the text's colour from the button's, and a name of a colour is an error that takes the whole table away.
test('the colours of buttons are no names', () => {
  const colors = buttons().flatMap(({ style }) => (style?.backgroundColor ? [style.backgroundColor] : []));
  expect(colors).toHaveLength(3);
  for (const color of colors) {
    expect(color).toMatch(/^#[0-9A-F]{6}$/);
  }
});
