import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Page } from '@playwright/test';

import { eventsSpan, Span } from './clickhouse';
import { openExplore } from './grafana';
import { expect, test } from './test';

const FOLDER = join(__dirname, '..', 'src', 'img');
const HOUR = 3_600_000;

test.beforeAll(() => void mkdirSync(FOLDER, { recursive: true }));

test.use({ viewport: { width: 1600, height: 1000 } });

async function shoot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await expect(page.getByLabel('Panel loading bar')).toHaveCount(0);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}

async function openDashboard(page: Page, uid: string, { from, to }: Span, more = ''): Promise<void> {
  await page.goto(`/d/${uid}?from=${from}&to=${to}&kiosk${more}`);
}

test('the wall', async ({ page, request }) => {
  await openDashboard(page, 'fluxhound-wall', await eventsSpan(request));
  await expect(page.getByText('Newest findings').first()).toBeVisible();
  await shoot(page, 'wall');
});

test('the beaconing dashboard', async ({ page, request }) => {
  await openDashboard(page, 'fluxhound-beaconing', await eventsSpan(request));
  await expect(page.getByText('PotentialBeaconing').or(page.getByText('Findings')).first()).toBeVisible();
  await shoot(page, 'beaconing');
});

test('the query editor', async ({ page, request }) => {
  await openExplore(
    page,
    { queryType: 'beaconing', format: 'table', params: { minConnections: 100 } },
    await eventsSpan(request)
  );
  await page.getByRole('button', { name: /^Parameters/ }).click();
  await expect(page.getByText('PotentialBeaconing').first()).toBeVisible();
  await shoot(page, 'query-editor');
});

test('events in Explore', async ({ page, request }) => {
  const { to } = await eventsSpan(request);
  await openExplore(page, { queryType: 'events', format: 'logs' }, { from: to - HOUR, to });
  await expect(page.getByText('Logs volume').first()).toBeVisible();
  await expect(page.getByText(/^Connection\w+ .* on .* to /).first()).toBeVisible();
  await shoot(page, 'explore-events');
});

test('the data source settings', async ({ gotoDataSourceConfigPage, page }) => {
  await gotoDataSourceConfigPage('fluxhound');
  await expect(page.getByLabel(/^Host/)).not.toHaveValue('');
  await shoot(page, 'settings');
});
