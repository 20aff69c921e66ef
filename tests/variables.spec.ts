import { expect, test } from './test';

import { ask, DATASOURCE_UID, eventsSpan } from './clickhouse';
import { answerOf, choose, column, deleteDashboard, makeDashboard, tablePanel, timeOf } from './grafana';

const UID = 'fluxhound-e2e-variables';
const datasource = { type: 'fluxhound-detections-datasource', uid: DATASOURCE_UID };

test.afterEach(async ({ page }) => deleteDashboard(page, UID));

const device = {
  name: 'device',
  type: 'query',
  datasource,
  refresh: 2,
  multi: true,
  includeAll: true,
  query: { refId: 'v', kind: 'values', column: 'DeviceName' },
  current: { text: 'All', value: '$__all' },
};

test('a filter is made with pickers that the server fills', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await makeDashboard(page, UID, {
    title: 'Filters',
    time: timeOf(span),
    panels: [tablePanel({ queryType: 'beaconing', format: 'table' })],
  });
  const all = await answerOf(page, () => page.goto(`/d/${UID}?editPanel=1`));
  const [first] = column(all, 'DeviceName').map(String);
  await page.getByRole('button', { name: 'Add a filter' }).click();
  await choose(page, page.getByLabel('Column of filter 1'), /^DeviceName/);
  const value = page.getByLabel('Value of filter 1');
  await value.click();
  await value.fill(first);
  const filtered = await answerOf(
    page,
    () => page.getByRole('option', { name: first, exact: true }).first().click(),
    (queries) => queries.some((q) => q.filters?.[0]?.values[0] === first)
  );
  expect(new Set(column(filtered, 'DeviceName'))).toEqual(new Set([first]));
});

test('a variable lists devices, narrows panels, and All is no condition', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await makeDashboard(page, UID, {
    title: 'Variables',
    time: timeOf(span),
    templating: { list: [device] },
    panels: [
      tablePanel({
        queryType: 'beaconing',
        format: 'table',
        filters: [{ column: 'DeviceName', operator: '=', values: ['$device'] }],
      }),
    ],
  });
  const all = await answerOf(page, () => page.goto(`/d/${UID}`));
  const names = [...new Set(column(all, 'DeviceName').map(String))];
  expect(names.length).toBeGreaterThan(1);

  const [one, other] = names;
  const sent = page.waitForRequest((r) => r.url().includes('/api/ds/query'));
  const two = await answerOf(page, () => page.goto(`/d/${UID}?var-device=${one}&var-device=${other}`));
  expect((await sent).postDataJSON().queries[0].filters).toEqual([
    { column: 'DeviceName', operator: 'in', values: expect.arrayContaining([one, other]) },
  ]);
  expect(new Set(column(two, 'DeviceName'))).toEqual(new Set([one, other]));
});

test('All sends no filter', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await makeDashboard(page, UID, {
    title: 'Variables',
    time: timeOf(span),
    templating: { list: [device] },
    panels: [
      tablePanel({
        queryType: 'beaconing',
        format: 'table',
        filters: [{ column: 'DeviceName', operator: '=', values: ['$device'] }],
      }),
    ],
  });
  const [sent] = await Promise.all([
    page.waitForRequest((r) => r.url().includes('/api/ds/query')),
    page.goto(`/d/${UID}?var-device=$__all`),
  ]);
  expect(sent.postDataJSON().queries[0]).not.toHaveProperty('filters');
});

test('an ad hoc filter reaches the query as a structured one', async ({ page, request }) => {
  const span = await eventsSpan(request);
  const { url } = await ask<{ url: string }>(
    request,
    `SELECT RemoteUrl AS url FROM network_events WHERE RemoteUrl LIKE '%.duckdns.org' ORDER BY RemoteUrl LIMIT 1`
  );
  await makeDashboard(page, UID, {
    title: 'Ad hoc',
    time: timeOf(span),
    templating: {
      list: [
        { name: 'filters', type: 'adhoc', datasource, filters: [{ key: 'RemoteUrl', operator: '=', value: url }] },
      ],
    },
    panels: [tablePanel({ queryType: 'dynamicDns', format: 'table' })],
  });
  const answer = await answerOf(page, () => page.goto(`/d/${UID}`));
  expect(column(answer, 'RemoteUrl')).toEqual([url]);
});

test('the variable editor shows what the variable will list', async ({ page, variableEditPage }) => {
  await variableEditPage.setVariableType('Query');
  await variableEditPage.datasource.set('Fluxhound');
  await expect(page.getByRole('radio', { name: 'Values of a column' })).toBeChecked();
  await choose(page, page.getByLabel('Column', { exact: true }), /^InitiatingProcessFileName/);
  await variableEditPage.runQuery();
  await expect(variableEditPage).toDisplayPreviews([/\.exe$/]);
});
