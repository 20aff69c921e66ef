import { expect, test } from './test';
import type { Locator } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Panel {
  title: string;
  type: string;
  gridPos: { y: number; h: number };
  fieldConfig?: { defaults: { noValue?: string } };
}

interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
}

const folder = join(__dirname, '..', 'dashboards');
const dashboards = readdirSync(folder).map((name): Dashboard => JSON.parse(readFileSync(join(folder, name), 'utf8')));

/** A device of the demo's scenario on which a detector finds something. */
const DEVICE = 'LT-DEV-19';

/** Rows of Grafana's grid are 30 px high with 8 px between them; above are the variables. */
const heightOf = (panels: Panel[]) => Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * 38 + 300;

/** Waits until the panel shows a value: queries may begin after the panel is there. */
async function drawn(type: string, content: Locator) {
  switch (type) {
    case 'timeseries':
    case 'xychart':
      return expect(content.locator('.u-over')).toBeVisible();
    case 'table':
      return expect(content.getByRole('row').nth(1)).toBeVisible();
    case 'logs':
      return expect(content).toContainText('ConnectionSuccess');
    case 'alertlist': // a rule is evaluated minutes after Grafana's start; until then it says that none fires
      return expect(content).toContainText(/\w/);
    default: // stat, bargauge
      return expect(content).toContainText(/\d/);
  }
}

for (const dashboard of dashboards) {
  test(`every panel of ${dashboard.title} renders with data`, async ({ page }) => {
    // Grafana draws what is in view: all of it is.
    await page.setViewportSize({ width: 1920, height: Math.max(heightOf(dashboard.panels), 1080) });
    await page.goto(`/d/${dashboard.uid}?kiosk&var-device=${dashboard.uid === 'fluxhound-device' ? DEVICE : '$__all'}`);
    for (const { title, type, fieldConfig } of dashboard.panels) {
      await test.step(title, async () => {
        const panel = page.getByTestId(`data-testid Panel header ${title}`);
        await expect(panel).toBeVisible();
        await drawn(type, panel.getByTestId('data-testid panel content'));
        // A bar runs along the panel's top while it loads.
        await expect(panel.getByLabel('Panel loading bar')).toHaveCount(0, { timeout: 120_000 });
        await expect(panel.getByTestId('data-testid Panel status error')).toHaveCount(0);
        await expect(panel.getByText('No data', { exact: true })).toHaveCount(0);
        const noValue = fieldConfig?.defaults.noValue;
        if (noValue && noValue !== '0') {
          await expect(panel.getByText(noValue, { exact: true })).toHaveCount(0);
        }
      });
    }
  });
}

test('the wall fits a screen of 1920×1080 without scrolling', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto('/d/fluxhound-wall?kiosk');
  await expect(page.getByTestId('data-testid Panel header Newest findings')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(1080);
});

test('a destination of the investigated device leads to its events in Explore', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1600 });
  await page.goto(`/d/fluxhound-device?kiosk&var-device=${DEVICE}`);
  const link = page.getByTestId('data-testid Panel header Destinations').getByRole('link').first();
  const address = (await link.textContent())?.trim() ?? '';
  await page.goto((await link.getAttribute('href')) ?? '');
  expect(address).toMatch(/^[0-9.]+$/);
  await expect(page.getByText(new RegExp(`on ${DEVICE} to .*${address.replaceAll('.', '\\.')}`)).first()).toBeVisible();
});

test('a device on the wall leads to its investigation in the same time range', async ({ page }) => {
  await page.goto('/d/fluxhound-wall?from=now-7d&to=now');
  const panel = page.getByTestId('data-testid Panel header Devices with most findings');
  const device = panel.getByText(/^(WS|LT|SRV)-/).first();
  const name = (await device.textContent()) ?? '';
  await device.click();
  await expect(page).toHaveURL(new RegExp(`/d/fluxhound-device.*var-device=${name}`));
  expect(new URL(page.url()).searchParams.get('from')).toBe('now-7d');
  await expect(page.getByTestId('data-testid Panel header Findings')).toBeVisible();
});
