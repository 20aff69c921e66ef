import { expect, test } from './test';
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

for (const dashboard of dashboards) {
  test(`every panel of ${dashboard.title} renders with data`, async ({ page }) => {
    // Grafana draws what is in view: all of it is.
    await page.setViewportSize({ width: 1920, height: Math.max(heightOf(dashboard.panels), 1080) });
    await page.goto(`/d/${dashboard.uid}?kiosk&var-device=${dashboard.uid === 'fluxhound-device' ? DEVICE : '$__all'}`);
    for (const { title, type, fieldConfig } of dashboard.panels) {
      await test.step(title, async () => {
        const panel = page.getByTestId(`data-testid Panel header ${title}`);
        await expect(panel).toBeVisible();
        // A bar runs along the panel's top while it loads.
        await expect(panel.getByLabel('Panel loading bar')).toHaveCount(0, { timeout: 120_000 });
        await expect(panel.getByTestId('data-testid Panel status error')).toHaveCount(0);
        await expect(panel.getByText('No data', { exact: true })).toHaveCount(0);
        const noValue = fieldConfig?.defaults.noValue;
        if (noValue && type !== 'stat') {
          await expect(panel.getByText(noValue, { exact: true })).toHaveCount(0);
        }
        // A number, a chart, a table, a line of the log or an alert rule: something is drawn.
        await expect(panel.locator('canvas, [role="grid"], [role="row"], span, li').first()).toBeAttached();
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
