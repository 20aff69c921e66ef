import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { APIRequestContext, Page } from '@playwright/test';

import { eventsSpan } from './clickhouse';
import { cells, evaluatedRules, openExplore } from './grafana';
import { dashboardOf, DEVICE, EVALUATED, expectDrawn, openShipped, panelOf, RULES } from './shipped';
import { expect, test } from './test';

const FOLDER = join(__dirname, '..', 'src', 'img');
const HOUR = 3_600_000;

/** Bytes at most of a picture: they are part of the plugin's archive. */
const LARGEST = 400_000;

test.use({ viewport: { width: 1600, height: 1000 } });

test.beforeAll(() => void mkdirSync(FOLDER, { recursive: true }));

test.beforeEach(({ page }) => page.addInitScript(() => localStorage.setItem('grafana.navigation.docked', 'false')));

/** Takes a picture of the page once nothing loads any more and nothing on it is an error. */
async function shoot(page: Page, name: string) {
  const path = join(FOLDER, `${name}.png`);
  await page.mouse.move(0, 0);
  await expect(page.getByLabel('Panel loading bar')).toHaveCount(0);
  await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
  await expect(page.getByTestId(/^data-testid Alert (error|warning)/).filter({ visible: true })).toHaveCount(0);
  await page.screenshot({ path, animations: 'disabled' });
  expect(statSync(path).size, `the size of ${name}.png in bytes`).toBeLessThan(LARGEST);
}

/** The loaded events' span for a URL: a picture that is taken later than they were loaded shows them as fresh as then. */
async function spanOf(request: APIRequestContext): Promise<string> {
  const { from, to } = await eventsSpan(request);
  return `&from=${from}&to=${to}`;
}

/** The names of the rules that fire. */
async function firing(page: Page): Promise<string[]> {
  return (await evaluatedRules(page)).filter(({ state }) => state === 'firing').map(({ name }) => name);
}

test('the wall', async ({ page, request }) => {
  test.setTimeout(EVALUATED + 180_000);
  const wall = dashboardOf('fluxhound-wall');
  await page.setViewportSize({ width: 1920, height: 1080 });
  // Grafana reads its alerts anew when the time range changes: that of a picture does not.
  await expect.poll(() => firing(page), { timeout: EVALUATED }).toEqual(expect.arrayContaining(RULES));
  await openShipped(page, wall, await spanOf(request));
  await expectDrawn(page, wall);
  for (const rule of RULES) {
    await expect(panelOf(page, 'Alerts by rule')).toContainText(rule, { timeout: EVALUATED });
  }
  await shoot(page, 'wall');
});

for (const [uid, name, height] of [
  ['fluxhound-beaconing', 'beaconing', 900],
  ['fluxhound-dynamic-dns', 'dynamic-dns', 900],
  ['fluxhound-fast-flux', 'fast-flux', 900],
  ['fluxhound-cases', 'cases', 1125],
  ['fluxhound-device', 'device', 1125],
  ['fluxhound-data-quality', 'data-quality', 1125],
] as const) {
  test(`the dashboard ${name}`, async ({ page, request }) => {
    const dashboard = dashboardOf(uid);
    await page.setViewportSize({ width: 1920, height });
    await openShipped(page, dashboard, await spanOf(request));
    const inView = dashboard.panels.filter(({ gridPos }) => gridPos.y * 38 < height - 300);
    await expectDrawn(page, { ...dashboard, panels: inView });
    await shoot(page, name);
  });
}

test('the query editor', async ({ page, request }) => {
  await page.setViewportSize({ width: 1600, height: 1200 });
  await openExplore(
    page,
    { queryType: 'beaconing', format: 'table', params: { minConnections: 100 } },
    await eventsSpan(request)
  );
  await page.getByRole('button', { name: /^Parameters/ }).click();
  await expect(page.getByLabel('Minimum connections', { exact: true })).toHaveValue('100');
  await expect(cells(page, 'PotentialBeaconing').first()).toBeVisible();
  await shoot(page, 'query-editor');
});

test('events in Explore', async ({ page, request }) => {
  const { to } = await eventsSpan(request);
  const filters = [{ column: 'DeviceName', operator: '=', values: [DEVICE] }];
  await openExplore(page, { queryType: 'events', format: 'logs', filters }, { from: to - 12 * HOUR, to });
  await expect(page.getByText('Logs volume').first()).toBeVisible();
  await expect(page.getByText(new RegExp(`^Connection\\w+ .* on ${DEVICE} to `)).first()).toBeVisible();
  await shoot(page, 'explore-events');
});

test('the data source settings', async ({ gotoDataSourceConfigPage, page }) => {
  await gotoDataSourceConfigPage('fluxhound');
  await expect(page.getByLabel(/^Host/)).not.toHaveValue('');
  await shoot(page, 'settings');
});
