import { Page } from '@playwright/test';

import { clickhouse, makeEventsTable, run } from './clickhouse';
import { choose, deleteDataSource, makeDataSource, openExplore } from './grafana';
import { dashboardOf, openShipped, panelOf, roomFor } from './shipped';
import { expect, test } from './test';

const UID = 'fluxhound-e2e-quality';

/** Tables of the demo's newest events that a sensor has written worse. */
const TABLES = {
  uncounted: { table: 'e2e_uncounted', events: '* REPLACE (NULL AS SentBytes, NULL AS ReceivedBytes)' },
  blind: { table: 'e2e_blind', events: "* REPLACE ('SF' AS ActionType)" },
} as const;

test.beforeAll(async ({ request }) => {
  for (const { table, events } of Object.values(TABLES)) {
    await makeEventsTable(request, table);
    await run(
      request,
      `INSERT INTO ${table} SELECT ${events} FROM network_events WHERE Timestamp > (SELECT max(Timestamp) FROM network_events) - INTERVAL 12 HOUR`
    );
  }
});

test.afterAll(async ({ request }) => {
  for (const { table } of Object.values(TABLES)) {
    await run(request, `DROP TABLE ${table}`);
  }
});

test.afterEach(async ({ page }) => deleteDataSource(page, UID));

async function use(page: Page, which: keyof typeof TABLES) {
  const [host, port] = clickhouse.native.split(':');
  await makeDataSource(page, UID, { host, port: Number(port), protocol: 'native', table: TABLES[which].table });
}

test('Save & test warns of events without byte counts, and says how to mend it', async ({
  gotoDataSourceConfigPage,
  page,
}) => {
  await use(page, 'uncounted');
  await gotoDataSourceConfigPage(UID);
  await page.getByRole('button', { name: /^(Save & test|Test)$/ }).click();
  const alert = page.getByTestId('data-testid Alert warning').filter({ hasText: 'have no count of bytes sent (NULL)' });
  await expect(alert).toBeVisible();
  await expect(alert).toContainText('Map SentBytes');
  await expect(page.getByTestId('data-testid Alert success')).toHaveCount(0);
});

test('Save & test is red where no detector can look at anything, and says why', async ({
  gotoDataSourceConfigPage,
  page,
}) => {
  await use(page, 'blind');
  await gotoDataSourceConfigPage(UID);
  await page.getByRole('button', { name: /^(Save & test|Test)$/ }).click();
  const alert = page.getByTestId('data-testid Alert error').filter({ hasText: 'ActionType' });
  await expect(alert).toBeVisible();
  await expect(alert).toContainText('SF');
});

test('the settings show what the events can be used for, with the fix', async ({ gotoDataSourceConfigPage, page }) => {
  await use(page, 'uncounted');
  await gotoDataSourceConfigPage(UID);
  await page.getByRole('button', { name: 'Look at the events' }).click();
  await expect(page.getByRole('cell', { name: /no count of bytes/ })).toBeVisible();
  await expect(page.getByTestId('data-testid Alert warning').filter({ hasText: 'Map SentBytes' })).toBeVisible();
});

test('the dashboard Data quality names the reason and the fix where a detector is blind', async ({ page }) => {
  await use(page, 'blind');
  const quality = dashboardOf('fluxhound-data-quality');
  await page.setViewportSize(roomFor(quality));
  await openShipped(page, quality, `&var-datasource=${UID}`);
  const now = panelOf(page, 'Can be looked at').getByTestId('data-testid panel content');
  // Each by the name that people know, and none of them well.
  await expect(now).toHaveText(/^Beaconing\s*0\.0\s*%\s*Dynamic DNS\s*0\.0\s*%\s*Fast flux\s*0\.0\s*%$/);
  await expect(panelOf(page, 'Why detectors cannot look at the rest')).toContainText('Beaconing · actionType');
  const reasons = panelOf(page, 'Reasons, and what to do');
  const row = reasons.getByRole('row').filter({ hasText: 'Beaconing' }).filter({ hasText: 'actionType' });
  await expect(row).toContainText('SF');
  await expect(row).toContainText(/actionTypes/);
  const fix = row.getByRole('gridcell').filter({ hasText: 'actionTypes' });
  const hidden = await fix.evaluate((cell) =>
    [cell, ...cell.querySelectorAll('*')].map((e) => e.scrollWidth - e.clientWidth)
  );
  expect(Math.max(...hidden), 'pixels of the fix that are not seen').toBeLessThan(2);
});

test('a query whose detector can look at nothing says so beside its empty answer', async ({ page }) => {
  await use(page, 'blind');
  const now = Date.now();
  await openExplore(page, { queryType: 'beaconing', format: 'table' }, { from: now - 24 * 3_600_000, to: now }, UID);
  await page.getByText('1 info', { exact: true }).hover();
  await expect(page.getByText(/ActionType/).first()).toBeVisible();
});

test('the query editor offers data quality, without a detector’s parameters', async ({ page }) => {
  const now = Date.now();
  await openExplore(page, { queryType: 'beaconing', format: 'table' }, { from: now - 24 * 3_600_000, to: now });
  await choose(page, page.getByLabel('Detector', { exact: true }), /^Data quality/);
  await expect(
    page.getByRole('row').filter({ hasText: 'Beaconing' }).filter({ hasText: 'match' }).first()
  ).toBeVisible();
  await expect(page.getByRole('button', { name: /^Parameters/ })).toBeVisible();
});
