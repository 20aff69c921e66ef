import { clickhouse, makeEventsTable, run } from './clickhouse';
import { deleteDataSource, makeDataSource } from './grafana';
import { ANSWERED, dashboardOf, openShipped, panelOf, roomFor, valueIn } from './shipped';
import { expect, test } from './test';

const UID = 'fluxhound-e2e-many';
const TABLE = 'e2e_many';

/** Far more findings than a table has rows or a chart has series. */
const FINDINGS = 20_000;

test.beforeAll(async ({ request }) => {
  await makeEventsTable(request, TABLE);
  await run(
    request,
    `INSERT INTO ${TABLE} (Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemotePort, RemoteUrl)
     SELECT now64(3) - toIntervalSecond(60 + number * 20), concat('id-', toString(number % 500)), concat('MANY-', toString(number % 500)),
            'ConnectionSuccess', '198.51.100.7', 443, concat('n', toString(number), '.duckdns.org')
     FROM numbers(${FINDINGS})`
  );
});

test.afterAll(async ({ request }) => run(request, `DROP TABLE ${TABLE}`));

test.beforeEach(async ({ page }) =>
  makeDataSource(page, UID, { host: clickhouse.native, protocol: 'native', table: TABLE })
);

test.afterEach(async ({ page }) => deleteDataSource(page, UID));

test('of 20,000 findings each screen counts all', async ({ page }) => {
  test.setTimeout(600_000);
  const all = FINDINGS.toLocaleString('en-US');
  const wall = dashboardOf('fluxhound-wall');
  await page.setViewportSize(roomFor(wall));
  await openShipped(page, wall, `&var-datasource=${UID}`);
  await expect(valueIn(panelOf(page, 'Dynamic DNS'))).toHaveText(all, { timeout: ANSWERED });
  // the legend's total
  await expect(panelOf(page, 'Findings over time').getByRole('row', { name: /Dynamic DNS/ })).toContainText(all, {
    timeout: ANSWERED,
  });

  const triage = dashboardOf('fluxhound-dynamic-dns');
  await page.setViewportSize(roomFor(triage));
  await openShipped(page, triage, `&var-datasource=${UID}`);
  await expect(valueIn(panelOf(page, 'Names'))).toHaveText(all, { timeout: ANSWERED });
});

test('a table that is cut says of how many', async ({ page }) => {
  test.setTimeout(600_000);
  const triage = dashboardOf('fluxhound-dynamic-dns');
  await page.setViewportSize(roomFor(triage));
  await openShipped(page, triage, `&var-datasource=${UID}`);
  const table = panelOf(page, 'Findings');
  await expect(table.getByRole('row').nth(1)).toBeVisible({ timeout: ANSWERED });
  const notice = page.getByRole('tooltip').filter({ hasText: /^Only 1,000 of 20,000 findings are shown, the newest/ });
  for (const icon of await table.getByTestId('title-items-container').locator('svg').all()) {
    await icon.hover(); // a description, a notice: which is which nothing but the tooltip says
    if (await notice.isVisible()) {
      break;
    }
  }
  await expect(notice).toBeVisible();
});
