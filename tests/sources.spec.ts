import { Page } from '@playwright/test';

import { clickhouse, DATASOURCE_UID, makeEventsTable, run } from './clickhouse';
import { deleteDataSource, makeDataSource } from './grafana';
import { ANSWERED, dashboards, EVALUATED, panelOf, roomFor, RULES, valueIn } from './shipped';
import { expect, test } from './test';

/** A second data source whose name comes before the other's, on a table of its own. */
const SECOND = 'e2e-a-second';
const TABLE = 'e2e_second';

test.beforeAll(async ({ request }) => {
  await makeEventsTable(request, TABLE);
  await run(
    request,
    `INSERT INTO ${TABLE} SELECT * REPLACE ('SECOND-1' AS DeviceName)
     FROM (SELECT * FROM network_events WHERE DeviceName = 'LT-DEV-19' AND Timestamp > now() - INTERVAL 6 DAY)`
  );
});

test.afterAll(async ({ request }) => run(request, `DROP TABLE ${TABLE}`));

test.beforeEach(async ({ page }) =>
  makeDataSource(page, SECOND, { host: clickhouse.native, protocol: 'native', table: TABLE })
);

test.afterEach(async ({ page }) => deleteDataSource(page, SECOND));

/** The data sources that the page's panels and variables ask from now on. */
function asked(page: Page): Set<string> {
  const uids = new Set<string>();
  page.on('request', (request) => {
    const [, resource] = /\/api\/datasources\/uid\/([^/]+)\/resources/.exec(request.url()) ?? [];
    const queries: Array<{ datasource?: { uid?: string } }> = request.url().includes('/api/ds/query')
      ? (request.postDataJSON()?.queries ?? [])
      : [];
    for (const uid of [resource, ...queries.map(({ datasource }) => datasource?.uid)]) {
      if (uid) {
        uids.add(uid);
      }
    }
  });
  return uids;
}

test('of two data sources each dashboard opens on the one that the rules ask', async ({ page }) => {
  test.setTimeout(600_000);
  const uids = asked(page);
  for (const dashboard of dashboards) {
    await test.step(dashboard.title, async () => {
      uids.clear();
      await page.goto(`/d/${dashboard.uid}?kiosk`);
      await expect.poll(() => [...uids]).toContain(DATASOURCE_UID);
      await expect(panelOf(page, dashboard.panels[0].title)).toBeVisible();
      expect([...uids]).toEqual([DATASOURCE_UID]);
    });
  }
});

test('a chosen data source is the only one that is asked, and links keep it', async ({ page }) => {
  test.setTimeout(600_000);
  const uids = asked(page);
  for (const dashboard of dashboards) {
    await test.step(dashboard.title, async () => {
      await page.setViewportSize(roomFor(dashboard));
      uids.clear();
      await page.goto(`/d/${dashboard.uid}?kiosk&var-datasource=${SECOND}&var-device=SECOND-1`);
      await expect.poll(() => [...uids]).toContain(SECOND);
      await expect(panelOf(page, dashboard.panels[0].title)).toBeVisible();
      await expect(page.getByLabel('Panel loading bar')).toHaveCount(0, { timeout: ANSWERED });
      expect([...uids]).toEqual([SECOND]);
      const links = await page
        .locator('a[href*="var-datasource="]')
        .evaluateAll((list) =>
          list.map((a) => new URL((a as HTMLAnchorElement).href)).map((url) => url.searchParams.get('var-datasource'))
        );
      expect(links.length).toBeGreaterThan(0);
      expect(new Set(links)).toEqual(new Set([SECOND]));
    });
  }
});

test('lists of rules have those that ask the chosen data source, by whatever name it was chosen', async ({ page }) => {
  test.setTimeout(2 * EVALUATED);
  const list = panelOf(page, 'Alerts by rule').getByTestId('data-testid panel content');
  const firing = panelOf(page, 'Firing').getByTestId('data-testid panel content');
  for (const name of [DATASOURCE_UID, 'default']) {
    await page.goto(`/d/fluxhound-wall?kiosk&var-datasource=${name}`);
    await expect(list, name).toContainText(new RegExp(RULES.join('|')), { timeout: EVALUATED });
    await expect(valueIn(firing), name).toHaveText(/^[1-9]\d*$/);
  }
  await page.goto(`/d/fluxhound-wall?kiosk&var-datasource=${SECOND}`);
  await expect(list).toContainText('No alerts matching filters');
  await expect(valueIn(firing)).toHaveText('0');
});

test('findings of a chosen data source are its own, and so are their events', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1600 });
  await page.goto(`/d/fluxhound-beaconing?kiosk&var-datasource=${SECOND}`);
  const row = panelOf(page, 'Findings').getByRole('row').nth(1);
  await expect(row).toContainText('SECOND-1', { timeout: ANSWERED });
  const href = (await row.getByRole('link').first().getAttribute('href')) ?? '';
  expect(decodeURIComponent(href)).toContain(`"datasource":"${SECOND}"`);
  await page.goto(href);
  await expect(page.getByText(/^Connection\w+ .* on SECOND-1 to /).first()).toBeVisible();
});
