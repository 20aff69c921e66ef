import { expect, test } from './test';

import { eventsSpan } from './clickhouse';
import { answerOf, cells, choose, column, deleteDashboard, makeDashboard, tablePanel, timeOf } from './grafana';

const UID = 'fluxhound-e2e-panels';

test.afterEach(async ({ page }) => deleteDashboard(page, UID));

for (const [label, queryType, alertType] of [
  ['Beaconing', 'beaconing', 'PotentialBeaconing'],
  ['Dynamic DNS', 'dynamicDns', 'SuspiciousDynamicDNS'],
  ['Fast flux', 'fastFlux', 'PotentialFastFluxActivity'],
]) {
  test(`${label} is chosen in a panel's editor and finds what was planted`, async ({ page, request }) => {
    const span = await eventsSpan(request);
    await makeDashboard(page, UID, {
      title: 'Panels',
      time: timeOf(span),
      panels: [tablePanel({ queryType: 'alerts', format: 'table' })],
    });
    await page.goto(`/d/${UID}?editPanel=1`);
    const picker = page.getByLabel('Detector', { exact: true });
    await expect(picker).toHaveValue('All alerts');
    const answer = await answerOf(
      page,
      () => choose(page, picker, new RegExp(`^${label}`)),
      (queries) => queries.some((q) => q.queryType === queryType)
    );
    expect(new Set(column(answer, 'AlertType'))).toEqual(new Set([alertType]));
    await expect(cells(page, alertType).first()).toBeVisible();
    await expect(page.getByRole('link', { name: /T1584 Compromise Infrastructure/ })).toBeVisible();
  });
}

test('a parameter that is changed is marked, asked, and put back', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await makeDashboard(page, UID, {
    title: 'Panels',
    time: timeOf(span),
    panels: [tablePanel({ queryType: 'beaconing', format: 'table' })],
  });
  await page.goto(`/d/${UID}?editPanel=1`);
  await page.getByRole('button', { name: /^Parameters/ }).click();
  const input = page.getByLabel('Minimum connections', { exact: true });
  const few = await answerOf(
    page,
    async () => {
      await input.fill('1000');
      await input.press('Enter');
    },
    (queries) => queries.some((q) => q.params?.minConnections === 1000)
  );
  expect(column(few, 'ConnectionCount').every((count) => Number(count) >= 1000)).toBe(true);
  await expect(page.getByText('1 changed')).toBeVisible();
  const all = await answerOf(
    page,
    () => page.getByRole('button', { name: /^Reset Minimum connections to 20/ }).click(),
    (queries) => queries.some((q) => q.queryType === 'beaconing' && !q.params)
  );
  expect(column(all, 'ConnectionCount').length).toBeGreaterThan(column(few, 'ConnectionCount').length);
});

test('what ran can be read as SQL', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await makeDashboard(page, UID, {
    title: 'Panels',
    time: timeOf(span),
    panels: [tablePanel({ queryType: 'beaconing', format: 'table' })],
  });
  await page.goto(`/d/${UID}?editPanel=1`);
  await page.getByRole('button', { name: 'What runs' }).click();
  await expect(page.getByTestId('fluxhound-sql')).toContainText('SELECT');
  await expect(page.getByTestId('fluxhound-sql')).toContainText('-- Parameters:');
});

test('a query of another data source is an error that names itself, not a blank', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await makeDashboard(page, UID, {
    title: 'Panels',
    time: timeOf(span),
    panels: [tablePanel({ queryType: 'range', format: 'table' })],
  });
  await page.goto(`/d/${UID}?editPanel=1`);
  await expect(page.getByText(/asks for “range”/)).toBeVisible();
});
