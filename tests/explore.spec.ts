import { expect, test } from './test';

import { DATASOURCE_UID, eventsSpan } from './clickhouse';
import { answerOf, cells, column, openExplore } from './grafana';

const HOUR = 3_600_000;

test('Explore starts with everything that was found', async ({ page, request }) => {
  const span = await eventsSpan(request);
  const answer = await answerOf(
    page,
    () => {
      const pane = { datasource: DATASOURCE_UID, range: { from: String(span.from), to: String(span.to) } };
      return page.goto(`/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify({ a: pane }))}`);
    },
    (queries) => queries.some((q) => q.queryType === 'alerts' && q.format === 'table')
  );
  expect(new Set(column(answer, 'AlertType')).size).toBe(3);
  await expect(cells(page, 'PotentialBeaconing').first()).toBeVisible();
});

test('Explore, which opens with the last hour, leads to a range that finds something', async ({ page }) => {
  const pane = { datasource: DATASOURCE_UID, range: { from: 'now-1h', to: 'now' } };
  await page.goto(`/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify({ a: pane }))}`);
  const week = page.getByRole('link', { name: 'Look at the last 7 days' });
  await expect(page.getByText('This time range is shorter than a day')).toBeVisible();
  await week.click();
  await expect(cells(page, 'PotentialBeaconing').first()).toBeVisible();
  await expect(week).toHaveCount(0);
});

test('events are log lines with a histogram and context', async ({ page, request }) => {
  const { to } = await eventsSpan(request);
  const volume = page.waitForResponse(
    (r) => r.url().includes('/api/ds/query') && /log-volume-A/.test(r.request().postData() ?? '')
  );
  await openExplore(page, { queryType: 'events', format: 'logs' }, { from: to - HOUR, to });
  expect((await (await volume).json()).results['log-volume-A'].frames.length).toBeGreaterThan(0);
  await expect(page.getByText('Logs volume').first()).toBeVisible();
  const line = page.getByText(/^Connection\w+ .* on .* to .* port/).first();
  await expect(line).toBeVisible();

  const context = page.waitForRequest(
    (r) => r.url().includes('/api/ds/query') && (r.postData() ?? '').includes('contextDirection')
  );
  await page.getByRole('button', { name: 'Log menu' }).first().click();
  await page.getByRole('menuitem', { name: 'Show context' }).click();
  const [query] = (await context).postDataJSON().queries;
  expect(query.params.contextDevice).toBeTruthy();
  await expect(
    page
      .getByRole('dialog')
      .getByText(/^Connection\w+ .* on /)
      .first()
  ).toBeVisible();
});

test('a finding leads to exactly its events', async ({ page, request, context }) => {
  const span = await eventsSpan(request);
  const answer = await answerOf(page, () => openExplore(page, { queryType: 'beaconing', format: 'table' }, span));
  const link = cells(page, 'PotentialBeaconing').getByRole('link').first();
  await expect(link).toBeVisible();
  const href = await link.getAttribute('href');
  const events = await context.newPage();
  const shown = await answerOf(
    events,
    () => events.goto(href ?? ''),
    (queries) => queries.some((q) => q.queryType === 'events' && q.format === 'logs')
  );
  const labels = column(shown, 'labels').map((l) => (typeof l === 'string' ? JSON.parse(l) : l));
  const [device, ip, url] = ['DeviceName', 'RemoteIP', 'RemoteUrl'].map((name) => column(answer, name)[0]);
  expect(labels.length).toBeGreaterThan(0);
  expect(labels.every((l) => l.DeviceName === device && l.RemoteIP === ip && (l.RemoteUrl ?? '') === url)).toBe(true);
  const times = column(shown, 'timestamp').map(Number);
  expect(Math.max(...times)).toBe(Number(column(answer, 'LastSeen')[0]));
});

test('a device leads to its investigation', async ({ page, request }) => {
  const span = await eventsSpan(request);
  const answer = await answerOf(page, () => openExplore(page, { queryType: 'beaconing', format: 'table' }, span));
  const [device] = column(answer, 'DeviceName').map(String);
  await cells(page, device).first().click();
  const href = await page
    .getByRole('link', { name: /Investigate the device/ })
    .or(page.getByRole('menuitem', { name: /Investigate the device/ }))
    .first()
    .getAttribute('href');
  const url = new URL(href ?? '', page.url());
  expect(url.pathname).toMatch(/\/d\/fluxhound-device/);
  expect(url.searchParams.get('var-device')).toBe(device);
});

test('the help puts its examples into the editor, ready to run', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await openExplore(page, { queryType: 'alerts', format: 'table' }, span);
  await page.getByRole('button', { name: 'Show data source help' }).click();
  await page.getByRole('button', { name: 'Use: Many addresses within an hour' }).click();
  await expect(page.getByLabel('Detector', { exact: true })).toHaveValue('Fast flux');
  const answer = await answerOf(
    page,
    () => page.getByRole('button', { name: /^Run query/ }).click(),
    (queries) => queries.some((q) => q.queryType === 'fastFlux')
  );
  expect(column(answer, 'UniqueIPs').every((n) => Number(n) >= 20)).toBe(true);
});
