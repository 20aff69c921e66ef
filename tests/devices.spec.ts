import { clickhouse, makeEventsTable, run } from './clickhouse';
import { deleteDataSource, makeDataSource } from './grafana';
import { panelOf } from './shipped';
import { expect, test } from './test';

const UID = 'fluxhound-e2e-devices';
const TABLE = 'e2e_devices';
const NUMBER = 5000;

test.beforeAll(async ({ request }) => {
  await makeEventsTable(request, TABLE);
  await run(
    request,
    `INSERT INTO ${TABLE} (Timestamp, DeviceId, DeviceName, ActionType, RemoteIP, RemoteUrl)
     SELECT now64(3) - 60, toString(number), 'PC-' || leftPad(toString(number), 4, '0'), 'ConnectionSuccess', '203.0.113.9', 'www.example.com'
     FROM numbers(${NUMBER})`
  );
});

test.afterAll(async ({ request }) => run(request, `DROP TABLE ${TABLE}`));

test.beforeEach(async ({ page }) => {
  const [host, port] = clickhouse.native.split(':');
  await makeDataSource(page, UID, { host, port: Number(port), protocol: 'native', table: TABLE });
});

test.afterEach(async ({ page }) => deleteDataSource(page, UID));

test('every one of 5,000 devices can be picked, and a link opens its page', async ({ page }) => {
  const values = page.waitForResponse((r) => r.url().includes('/resources/values') && r.url().includes('DeviceName'));
  await page.goto(`/d/fluxhound-device?var-datasource=${UID}&var-device=PC-4321`);
  const { values: listed, truncated } = await (await values).json();
  expect(listed).toHaveLength(NUMBER);
  expect(truncated).toBe(false);
  await expect(panelOf(page, 'Destinations').getByRole('link', { name: '203.0.113.9' })).toBeVisible();

  await page
    .getByTestId('data-testid Dashboard template variables submenu Label Device')
    .locator('..')
    .getByRole('combobox')
    .click();
  await page.keyboard.type('4999');
  await page.getByRole('option', { name: 'PC-4999', exact: true }).click();
  await expect(page).toHaveURL(/var-device=PC-4999/);
  await expect(panelOf(page, 'Destinations').getByRole('link', { name: '203.0.113.9' })).toBeVisible();
});
