import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

import { Page } from '@playwright/test';

import { expect, test } from './test';

import { ask, clickhouse, DATASOURCE_UID, run } from './clickhouse';

const TYPE = 'fluxhound-detections-datasource';
const [host, port] = clickhouse.native.split(':');

/** Names the lists that the job of kept findings goes by: with others Save & test warns that what is kept answers something else. */
async function nameLists(page: Page) {
  await page.getByRole('button', { name: 'Expand section Look-ups' }).click();
  await page.getByLabel(/^Dictionary of autonomous systems/).fill('default.asn');
  await page.getByLabel(/^Table of indicators/).fill('indicators');
  await page.getByLabel(/^Ledger of names/).fill('network_events_name_networks');
}

test('a data source that is added by hand is saved and found to work', async ({ createDataSourceConfigPage, page }) => {
  const config = await createDataSourceConfigPage({ type: TYPE });
  await page.getByLabel(/^Host/).fill(host);
  await page.getByLabel(/^Port/).fill(port);
  await nameLists(page);
  await expect(config.saveAndTest()).toBeOK();
  await expect(config).toHaveAlert('success', {
    hasText: /Connected to ClickHouse .* All detectors and shipped rules may run/,
  });
});

test('the pickers of a saved data source are filled from its server', async ({ createDataSourceConfigPage, page }) => {
  const config = await createDataSourceConfigPage({ type: TYPE });
  await page.getByLabel(/^Host/).fill(clickhouse.native);
  await nameLists(page);
  await expect(config.saveAndTest()).toBeOK();
  await page.getByLabel(/^Table\s*A table or view/).click();
  await expect(page.getByRole('option', { name: 'network_events', exact: true })).toBeVisible();
});

test('the provisioned data source works', async ({ gotoDataSourceConfigPage, page }) => {
  const config = await gotoDataSourceConfigPage(DATASOURCE_UID);
  await expect(page.getByLabel(/^Host/)).toHaveValue(clickhouse.native);
  await page.getByRole('button', { name: /^(Save & test|Test)$/ }).click();
  await expect(config).toHaveAlert('success', { hasText: 'All detectors and shipped rules may run' });
});

for (const { fault, host, category, fix } of [
  {
    fault: 'a wrong password',
    host: clickhouse.native,
    category: '[auth]',
    fix: /^Check the (user name and )?password in the data source's settings/,
  },
  { fault: 'a server that is away', host: '127.0.0.1:1', category: '[network]', fix: /^Nothing listens there: check/ },
]) {
  test(`${fault} is told as such, and how to mend it`, async ({ createDataSourceConfigPage, page }) => {
    const config = await createDataSourceConfigPage({ type: TYPE });
    await page.getByLabel(/^Host/).fill(host);
    await page.getByLabel(/^User name/).fill('default');
    await page.getByLabel(/^Password/).fill('certainly-wrong');
    await expect(config.saveAndTest()).not.toBeOK();
    const alert = page.getByTestId('data-testid Alert error').filter({ hasText: category });
    await expect(alert).toBeVisible();
    await expect(alert.getByText(fix)).toBeVisible();
    await expect(alert).not.toContainText('certainly-wrong');
  });
}

test('a field that cannot be right says so while it is typed', async ({ createDataSourceConfigPage, page }) => {
  await createDataSourceConfigPage({ type: TYPE });
  await page.getByLabel(/^Host/).fill('http://clickhouse/');
  await expect(page.getByText(/must be a name or name:port/)).toBeVisible();
  await page.getByLabel(/^Port/).fill('70000');
  await expect(page.getByText('It may be 1 to 65535.')).toBeVisible();
});

test('a source names its tables, and Save & test looks for them', async ({
  createDataSourceConfigPage,
  page,
  request,
}, testInfo) => {
  const tables = async () =>
    (
      await ask<{ names: string[] }>(
        request,
        "SELECT groupArray(name) AS names FROM system.tables WHERE database = 'default'"
      )
    ).names;
  const before = await tables();
  const config = await createDataSourceConfigPage({ type: TYPE });
  await page.getByLabel(/^Host/).fill(clickhouse.native);
  await nameLists(page);
  await expect(config.saveAndTest()).toBeOK();

  await page.getByLabel(/^Source/).fill('zeek'); // the list shows what lies within it alone
  await page.getByRole('option', { name: /^zeek/ }).click();
  await expect(page.getByText(/^Not seen in default: .*zeek_conn, zeek_dns, zeek_http, zeek_ssl/)).toBeVisible();
  await expect(config.saveAndTest()).not.toBeOK();
  const warning = page
    .getByTestId('data-testid Alert warning')
    .filter({ hasText: 'zeek_conn, zeek_dns, zeek_http, zeek_ssl' });
  await expect(warning).toBeVisible();
  await expect(warning).toContainText('fluxhound schema apply --settings FILE --source zeek');

  // What the editor says to run.
  const settings = testInfo.outputPath('settings.json');
  writeFileSync(settings, JSON.stringify({ jsonData: { host: clickhouse.native } }));
  execFileSync('bin/fluxhound', ['schema', 'apply', '--settings', settings, '--source', 'zeek']);
  try {
    await expect(config.saveAndTest()).toBeOK();
    await expect(config).toHaveAlert('success', {
      hasText: /The source zeek has its tables: zeek_conn, zeek_dns, zeek_http, zeek_ssl/,
    });
    await page.reload();
    await expect(page.getByLabel(/^Source/)).toHaveValue('zeek');
    await expect(
      page.getByText(/^In default are: network_events, zeek_conn, zeek_dns, zeek_http, zeek_ssl/)
    ).toBeVisible();
  } finally {
    for (const table of (await tables()).filter((name) => !before.includes(name))) {
      await run(request, `DROP TABLE default.${table}`);
    }
  }
});
