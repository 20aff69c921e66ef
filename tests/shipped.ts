import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, Locator, Page, test } from '@playwright/test';

/** A dashboard as the plugin ships it, as far as the specs read it. */
export interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
}

interface Panel {
  title: string;
  type: string;
  gridPos: { y: number; h: number };
  targets?: Array<{ queryType?: string }>;
  fieldConfig?: { defaults: { noValue?: string; mappings?: unknown[] } };
  options: { viewMode?: string };
}

/** A hang's end, not a measure: a week of cases is the longest of statements, and a dashboard asks for several at once. */
export const ANSWERED = 120_000;

const folder = join(__dirname, '..', 'dashboards');

export const dashboards = readdirSync(folder).map((name): Dashboard => {
  const dashboard: Dashboard = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  // A row has a title alone; the panels of a folded one are not drawn.
  return { ...dashboard, panels: dashboard.panels.filter(({ type }) => type !== 'row') };
});

/** A device of the demo's scenario on which a detector finds something. */
export const DEVICE = 'LT-DEV-19';

export function dashboardOf(uid: string): Dashboard {
  const found = dashboards.find((d) => d.uid === uid);
  if (!found) {
    throw new Error(`no dashboard has the uid ${uid}`);
  }
  return found;
}

export function panelOf(page: Page, title: string): Locator {
  return page.getByTestId(`data-testid Panel header ${title}`);
}

/** A viewport in which every panel is in view, for Grafana draws what is: rows are 30 px high, 8 px apart, under the variables. */
export function roomFor({ panels }: Dashboard) {
  const rows = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  return { width: 1920, height: Math.max(rows * 38 + 300, 1080) };
}

/** Opens a dashboard without Grafana's menus; `more` is further text of the URL's query. */
export async function openShipped(page: Page, { uid }: Dashboard, more = '') {
  await page.goto(`/d/${uid}?kiosk&var-device=${uid === 'fluxhound-device' ? DEVICE : '$__all'}${more}`);
}

/** Keeps a picture of a dashboard among the test's results, for people to look through: what can be told by rules, tests tell. */
export async function picture(page: Page, { uid }: Dashboard, state: string) {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: test.info().outputPath(`${uid}-${state}.png`), animations: 'disabled' });
}

/** Waits until every panel is there and no longer loads: a bar runs along its top while it does. */
export async function expectLoaded(page: Page, { panels }: Dashboard) {
  for (const { title } of panels) {
    await expect(panelOf(page, title)).toBeVisible();
    await expect(panelOf(page, title).getByLabel('Panel loading bar')).toHaveCount(0, { timeout: ANSWERED });
  }
}

/** Waits until every panel shows values and none an error or the words for having none. */
export async function expectDrawn(page: Page, { panels }: Dashboard) {
  for (const shown of panels) {
    const { title, fieldConfig } = shown;
    await test.step(title, async () => {
      const panel = panelOf(page, title);
      await expect(panel).toBeVisible();
      await expectValues(shown, panel.getByTestId('data-testid panel content'));
      // A bar runs along the panel's top while it loads.
      await expect(panel.getByLabel('Panel loading bar')).toHaveCount(0, { timeout: ANSWERED });
      await expect(panel.getByTestId('data-testid Panel status error')).toHaveCount(0);
      await expect(panel.getByText('No data', { exact: true })).toHaveCount(0);
      const noValue = fieldConfig?.defaults.noValue;
      if (noValue) {
        await expect(panel.getByText(noValue, { exact: true })).toHaveCount(0);
      }
    });
  }
}

/** The analytic's rules, all of which fire in the demo. */
export const RULES = ['Potential beaconing', 'Suspicious dynamic DNS', 'Potential fast flux'];

/** A rule is evaluated minutes after Grafana's start; until then the list says that none fires. */
export const EVALUATED = 360_000;

/** Waits until the panel shows a value: queries may begin after the panel is there. */
async function expectValues({ type, options, fieldConfig }: Panel, content: Locator) {
  switch (type) {
    case 'timeseries':
    case 'xychart':
      return expect(content.locator('.u-over')).toBeVisible({ timeout: ANSWERED });
    case 'table':
      return expect(content.getByRole('row').nth(1)).toBeVisible({ timeout: ANSWERED });
    case 'logs':
      return expect(content).toContainText('ConnectionSuccess', { timeout: ANSWERED });
    case 'text':
      return expect(content).toContainText(/\w/);
    case 'alertlist':
      return options.viewMode === 'stat'
        ? expect(valueIn(content)).toHaveText(/^[1-9]\d*$/, { timeout: EVALUATED })
        : expect(content).toContainText(new RegExp(RULES.join('|')), { timeout: EVALUATED });
    case 'bargauge':
      return expect(content.getByTestId('data-testid Bar gauge value').first()).toHaveText(/\d/, { timeout: ANSWERED });
    default: // stat: a number, or the text that one stands for
      return expect(valueIn(content)).toHaveText(fieldConfig?.defaults.mappings ? /^\w+$/ : /\d/, {
        timeout: ANSWERED,
      });
  }
}

/** The first value that a stat draws: spans hold values alone, and its title, which may have digits of its own, is in none. */
export function valueIn(content: Locator): Locator {
  return content.locator('div > span').filter({ hasText: /\S/ }).first();
}
