import { Locator, Page } from '@playwright/test';

import { clickhouse, makeEventsTable, run } from './clickhouse';
import { deleteDataSource, makeDataSource } from './grafana';
import { Line } from './line';
import { Dashboard, dashboardOf, dashboards, openShipped, panelOf, picture, roomFor, valueIn } from './shipped';
import { expect, test } from './test';

const UID = 'fluxhound-e2e-silent';

/** A hang's end, not a measure: a dashboard's panels ask in turn, and each waits until the data source gives up. */
const GIVEN_UP = 150_000;

let line: Line;

test.beforeEach(async ({ page }) => {
  line = await Line.to(clickhouse.native);
  await makeDataSource(page, UID, overTheLine({ queryTimeout: 20 }));
});

/** Settings that reach ClickHouse over the line, and remember no answer. */
function overTheLine(times: { queryTimeout: number; dialTimeout?: number }) {
  return { host: '127.0.0.1', port: line.port, protocol: 'native', dialTimeout: 2, cacheTTL: 0, ...times };
}

test.afterEach(async ({ page }) => {
  await deleteDataSource(page, UID);
  await line.close();
});

/** Words that an answer alone may say. A panel of logs has Grafana's own for a failure, too: "No data". */
function soothing(type: string): RegExp {
  return type === 'logs' ? /No findings|No events/ : /No findings|No events|No data/;
}

/** The panels that ask Fluxhound; a list of alerts asks Grafana, and a text nobody. */
function asking(dashboard: Dashboard) {
  return dashboard.panels.filter(({ type }) => type !== 'alertlist' && type !== 'text');
}

/** Is any element of it, or its text, green? */
async function isGreen(panel: Locator): Promise<boolean> {
  return panel.evaluate((content) =>
    [content, ...content.querySelectorAll('*')].some((element) => {
      const { backgroundColor, color } = getComputedStyle(element);
      return [backgroundColor, element.childElementCount === 0 ? color : ''].some((css) => {
        const [r, g, b, a = 1] = (css.match(/[\d.]+/g) ?? ['0', '0', '0']).map(Number);
        return a > 0 && g > r + 30 && g > b + 30;
      });
    })
  );
}

async function expectNoComfort(page: Page, dashboard: Dashboard) {
  for (const { title, type } of asking(dashboard)) {
    await test.step(title, async () => {
      const content = panelOf(page, title).getByTestId('data-testid panel content');
      await expect(panelOf(page, title).getByLabel('Panel loading bar')).toHaveCount(0, { timeout: GIVEN_UP });
      if (type === 'stat') {
        await expect(content).toContainText(/No answer|no answer|–/, { timeout: GIVEN_UP });
      }
      await expect(content).not.toContainText(soothing(type));
      expect(await isGreen(content), 'it is green').toBe(false);
    });
  }
}

for (const dashboard of dashboards) {
  test(`${dashboard.title} does not soothe while ClickHouse is silent`, async ({ page }) => {
    test.setTimeout(600_000);
    await page.setViewportSize(roomFor(dashboard));
    // What never comes need not be waited for long.
    await makeDataSource(page, UID, overTheLine({ queryTimeout: 5 }));
    await page.request.get(`/api/datasources/uid/${UID}/health`);
    line.fallSilent();
    await openShipped(page, dashboard, `&var-datasource=${UID}`);
    await expectNoComfort(page, dashboard);
    await picture(page, dashboard, 'silent');
  });
}

/** What a data source may be pointed at without an answer to be had, or without anything to answer from. */
const FAULTS: Record<string, { settings: object; secrets?: object; answers: boolean }> = {
  'ClickHouse is away': { settings: { host: '127.0.0.1:1' }, answers: false },
  'the password is wrong': {
    settings: { host: clickhouse.native, username: 'default' },
    secrets: { password: 'certainly-wrong' },
    answers: false,
  },
  'the table is empty': { settings: { host: clickhouse.native, table: 'e2e_nothing' }, answers: true },
};

for (const [fault, { settings, secrets, answers }] of Object.entries(FAULTS)) {
  test(`no dashboard soothes where ${fault}`, async ({ page }) => {
    test.setTimeout(900_000);
    if (answers) {
      await makeEventsTable(page.request, 'e2e_nothing');
    }
    try {
      await makeDataSource(page, UID, { protocol: 'native', dialTimeout: 2, ...settings }, secrets);
      for (const dashboard of dashboards) {
        await test.step(dashboard.title, async () => {
          await page.setViewportSize(roomFor(dashboard));
          await openShipped(page, dashboard, `&var-datasource=${UID}`);
          await (answers ? expectEmptiness(page, dashboard) : expectNoComfort(page, dashboard));
          await picture(page, dashboard, fault.replaceAll(' ', '-'));
        });
      }
    } finally {
      if (answers) {
        await run(page.request, 'DROP TABLE e2e_nothing');
      }
    }
  });
}

/** Nothing is there: each number says so, or is 0, and no panel has a colour that is praise. */
async function expectEmptiness(page: Page, dashboard: Dashboard) {
  for (const { title, type } of asking(dashboard)) {
    await test.step(title, async () => {
      const content = panelOf(page, title).getByTestId('data-testid panel content');
      await expect(panelOf(page, title).getByLabel('Panel loading bar')).toHaveCount(0, { timeout: GIVEN_UP });
      if (type === 'stat') {
        // Grafana draws lists and charts without a row as columns and axes alone
        await expect(content).toContainText(
          /^(\D*0)+\D*$|No answer|No events|–|none|None|No indicators|No ledger|No data|No logs/
        );
      }
      await expect(content).not.toContainText(type === 'logs' ? /No findings/ : /No findings|No data/);
      expect(await isGreen(content), 'it is green').toBe(false);
    });
  }
}

test('threat intelligence does not soothe where there are no indicators', async ({ page }) => {
  test.setTimeout(300_000);
  const intel = dashboardOf('fluxhound-threat-intel');
  await page.setViewportSize(roomFor(intel));
  // The line works, and the data source names no table of indicators: nothing can match.
  await openShipped(page, intel, `&var-datasource=${UID}`);
  await expectNoComfort(page, intel);
  await expect(panelOf(page, 'Matches')).toContainText('No indicators');
});

test('the wall turns from numbers to no answer when ClickHouse falls silent', async ({ page }) => {
  test.setTimeout(300_000);
  const wall = dashboardOf('fluxhound-wall');
  await page.setViewportSize(roomFor(wall));
  // A day: a busy machine, too, reads it within the data source's time for a query.
  await openShipped(page, wall, `&var-datasource=${UID}&from=now-1d&to=now`);
  const tile = panelOf(page, 'Beaconing').getByTestId('data-testid panel content');
  await expect(valueIn(tile)).toHaveText(/^\d+$/, { timeout: 120_000 });
  line.fallSilent();
  await page.reload();
  await expectNoComfort(page, wall);
});

test('the wall says nothing soothing while ClickHouse is slow, and then its numbers', async ({ page }) => {
  test.setTimeout(600_000);
  const wall = dashboardOf('fluxhound-wall');
  await page.setViewportSize(roomFor(wall));
  await makeDataSource(page, UID, overTheLine({ dialTimeout: 30, queryTimeout: 120 }));
  line.slowDown(1_500);
  await openShipped(page, wall, `&var-datasource=${UID}&from=now-1d&to=now`);
  const tiles = asking(wall).filter(({ type }) => type === 'stat');
  const of = (title: string) => panelOf(page, title).getByTestId('data-testid panel content');
  let waited = 0;
  await expect
    .poll(
      async () => {
        const waiting = [];
        for (const { title } of tiles) {
          const loading = await panelOf(page, title).getByLabel('Panel loading bar').isVisible();
          if (loading) {
            waiting.push(title);
            const text = await of(title).textContent();
            // A panel that has just got its answer is no longer loading, and may be of any colour.
            if (await panelOf(page, title).getByLabel('Panel loading bar').isVisible()) {
              expect(text).not.toMatch(/No findings|No events/);
              waited++;
            }
          }
        }
        return waiting;
      },
      { timeout: 300_000, intervals: [500] }
    )
    .toEqual([]);
  expect(waited, 'times that a tile was seen without its answer').toBeGreaterThan(0);
  await expect(valueIn(of('Beaconing'))).toHaveText(/^\d+$/, { timeout: 120_000 });
});

for (const value of ['abc', '']) {
  test(`a parameter that is "${value}" is no reason for comfort`, async ({ page }) => {
    const triage = dashboardOf('fluxhound-beaconing');
    await page.setViewportSize(roomFor(triage));
    await openShipped(page, triage, `&var-datasource=${UID}&var-minConnections=${value}`);
    const tile = panelOf(page, 'Beacons').getByTestId('data-testid panel content');
    await expect(tile).toContainText('No answer');
    expect(await isGreen(tile)).toBe(false);
  });
}
