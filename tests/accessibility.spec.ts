import type { PluginFixture } from '@grafana/plugin-e2e';
import { Locator, Page } from '@playwright/test';

import { clickhouse, DATASOURCE_UID, eventsSpan } from './clickhouse';
import { answerOf, choose, openExplore } from './grafana';
import { dashboards, expectLoaded, openShipped, picture, roomFor } from './shipped';
import { expect, test } from './test';

const TYPE = 'fluxhound-detections-datasource';

type AxeResults = Awaited<ReturnType<PluginFixture['scanForA11yViolations']>>;

/** What is scanned: the plugin's own parts, for Grafana's page around them is Grafana's. */
const own = (name: string) => ({ include: `[data-testid="fluxhound-${name}"]` });

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.beforeEach(async ({ page }) => setTheme(page, theme));
    test.afterEach(async ({ page }) => setTheme(page, ''));

    test('the settings can be used by everybody', async ({
      createDataSourceConfigPage,
      page,
      scanForA11yViolations,
    }) => {
      await createDataSourceConfigPage({ type: TYPE });
      await page.getByLabel(/^Host/).fill('http://wrong');
      await page.getByRole('radio', { name: 'HTTP' }).check({ force: true }); // its label lies above it
      for (const name of [
        /^Secure connection/,
        /^Own certificate authority/,
        /^Client certificate/,
        /^Skip verification/,
      ]) {
        await page.getByLabel(name).check({ force: true }); // what is drawn lies above the control itself
      }
      await openSections(page);
      await page.getByRole('button', { name: 'Add an entry' }).click();
      await page.getByLabel(/^Expires/).fill('2020-12-31');
      await expect(page.getByText('expired', { exact: true })).toBeVisible();
      await page.getByRole('button', { name: 'Add a setting' }).click();
      await page.getByRole('button', { name: 'Add a dynamic DNS domain' }).click();
      expectAccessible(await scanForA11yViolations(own('config-editor')));
    });

    test('the settings that are provisioned can be read by everybody', async ({
      gotoDataSourceConfigPage,
      page,
      scanForA11yViolations,
    }) => {
      await gotoDataSourceConfigPage(DATASOURCE_UID);
      await expect(page.getByLabel(/^Host/)).toHaveValue(clickhouse.native);
      await openSections(page);
      expectAccessible(await scanForA11yViolations(own('config-editor')));
    });

    test('the query editor can be used by everybody', async ({ page, request, scanForA11yViolations }) => {
      await openExplore(
        page,
        {
          queryType: 'alerts',
          format: 'table',
          params: { 'beaconing.minConnections': 100, 'dynamicDns.match': 'suffix' },
          filters: [
            { column: 'DeviceName', operator: 'in', values: ['WS-1', 'WS-2'] },
            { column: 'RemoteIP', operator: 'inSubnet', values: ['203.0.113.0/24'] },
            { column: 'RemoteUrl', operator: 'contains', values: ['example'] },
          ],
        },
        await eventsSpan(request)
      );
      for (const name of [/^Parameters of/, /^What runs/]) {
        const folds = page.getByTestId('fluxhound-query-editor').getByRole('button', { name });
        await expect(folds.first()).toBeVisible();
        for (const fold of await folds.all()) {
          await fold.click();
        }
      }
      const parameter = page.getByTestId('fluxhound-param-beaconing.minConnections');
      await expect(parameter.getByRole('textbox')).toHaveValue('100');
      await expect(page.getByTestId('fluxhound-sql')).toBeVisible();
      expectAccessible(await scanForA11yViolations(own('query-editor')));
    });

    test('the variable editor can be used by everybody', async ({ page, variableEditPage, scanForA11yViolations }) => {
      await variableEditPage.setVariableType('Query');
      await variableEditPage.datasource.set('Fluxhound');
      await choose(page, page.getByLabel('Column', { exact: true }), /^DeviceName/);
      await page.getByRole('button', { name: 'Add a filter' }).click();
      await expect(page.getByLabel('Value of filter 1')).toBeVisible();
      expectAccessible(await scanForA11yViolations(own('variable-editor')));
    });

    test('every dashboard can be used by everybody', async ({ page, scanForA11yViolations }) => {
      test.setTimeout(900_000);
      let looked = 0;
      for (const dashboard of dashboards) {
        await test.step(dashboard.title, async () => {
          await page.setViewportSize(roomFor(dashboard));
          await openShipped(page, dashboard);
          await expectLoaded(page, dashboard);
          const { passes, violations } = await scanForA11yViolations({
            include: '[data-testid="data-testid panel content"]',
            // Grafana's are the colours of log lines' levels and of rules' states, and the filters in tables' heads, which have no name
            exclude:
              '[class*="level-"], [data-testid="data-testid panel content"] ol, [data-testid="data-testid tableng header filter"]',
            // of two themes the colours alone differ
            options: theme === 'dark' ? { runOnly: { type: 'rule', values: ['color-contrast'] } } : {},
          });
          looked += passes.filter(({ id }) => id === 'color-contrast').length;
          const faults = violations.flatMap(({ id, nodes }) =>
            nodes.map(
              ({ html, any, all, none }) => `${id}: ${[...any, ...all, ...none][0]?.message} ${html.slice(0, 400)}`
            )
          );
          expect.soft(faults, dashboard.title).toEqual([]);
          await picture(page, dashboard, `1920-${theme}`);
        });
      }
      expect(looked, 'dashboards with texts that stand out').toBeGreaterThan(9);
    });

    test('the annotation editor can be used by everybody', async ({
      annotationEditPage,
      page,
      scanForA11yViolations,
    }) => {
      await annotationEditPage.datasource.set('Fluxhound');
      await expect(page.getByLabel('Detector', { exact: true })).toHaveValue('All alerts');
      expectAccessible(await scanForA11yViolations(own('query-editor')));
    });
  });
}

test('a detector is chosen and a parameter changed and reset with the keyboard alone', async ({ page, request }) => {
  await openExplore(page, { queryType: 'alerts', format: 'table' }, await eventsSpan(request));
  const detector = page.getByLabel('Detector', { exact: true });
  await expect(detector).toHaveValue('All alerts');
  await tabTo(page, detector);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('Beaconing');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(detector).toHaveValue('Beaconing');

  await tabTo(page, page.getByRole('button', { name: /^Parameters/ }));
  await page.keyboard.press('Enter');
  const connections = page.getByLabel('Minimum connections', { exact: true });
  await tabTo(page, connections);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('1000');
  const changed = await answerOf(
    page,
    () => page.keyboard.press('Enter'),
    (queries) => queries.some((q) => q.queryType === 'beaconing' && q.params?.minConnections === 1000)
  );
  expect(changed.results.A.error).toBeUndefined();
  await expect(page.getByText('1 changed')).toBeVisible();

  await tabTo(page, page.getByRole('button', { name: /^Reset Minimum connections to 20/ }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(connections).toHaveValue('20');
  await expect(connections).toBeFocused();
});

/** Nothing was found, and not because nothing was looked at. */
function expectAccessible(results: AxeResults) {
  expect(results.passes.map(({ id }) => id)).toEqual(expect.arrayContaining(['color-contrast', 'label']));
  expect(results).toHaveNoA11yViolations();
}

/** Sets the user's theme; an empty one is the server's. */
async function setTheme(page: Page, theme: string) {
  const response = await page.request.put('/api/user/preferences', { data: { theme } });
  expect(response.ok(), await response.text()).toBe(true);
}

async function openSections(page: Page) {
  const closed = page.getByTestId('fluxhound-config-editor').getByRole('button', { name: /^Expand section/ });
  await expect(closed.first()).toBeVisible();
  while ((await closed.count()) > 0) {
    await closed.first().click();
  }
}

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, element: Locator, key = 'Tab') {
  const isFocused = () => element.evaluate((node) => node === node.ownerDocument.activeElement);
  for (let pressed = 0; pressed < 120; pressed++) {
    if (await isFocused()) {
      return;
    }
    await page.keyboard.press(key);
  }
  await expect(element).toBeFocused();
}
