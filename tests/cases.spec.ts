import { Page } from '@playwright/test';

import { eventsSpan } from './clickhouse';
import { answerOf, cells, choose, column, openExplore } from './grafana';
import { dashboardOf, DEVICE, openShipped, panelOf } from './shipped';
import { expect, test } from './test';

/** The address, without a name, that the demo's scenario lets DEVICE beacon to. */
const NAMELESS = '198.51.100.200';

test('a case says why, and the gravest comes first', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await openCases(page, `&from=${span.from}&to=${span.to}`);
  const rows = panelOf(page, 'By risk').getByRole('row');
  await expect(rows.nth(1)).toContainText('critical', { timeout: 120_000 }); // a week of cases is the longest of statements

  const nameless = rows.filter({ hasText: DEVICE }).filter({ hasText: NAMELESS });
  await expect(nameless).toContainText(/checks in every 3 min: 100 % of its \d+ intervals are alike/);
  await expect(nameless).toContainText('no name leads to this address');
  await expect(nameless).toContainText('only this device of 200 connects there');
  // The reasons are read in the list itself: none is cut off.
  const why = nameless.getByRole('gridcell').filter({ hasText: 'only this device of 200' });
  const hidden = await why.evaluate((cell) =>
    [cell, ...cell.querySelectorAll('*')].map((e) =>
      Math.max(e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth)
    )
  );
  expect(Math.max(...hidden), 'pixels of the reasons that are not seen').toBeLessThan(2);

  const risks = (await rows.locator('[aria-colindex="2"]').allInnerTexts()).map(Number).filter(Number.isFinite);
  expect(risks.length).toBeGreaterThan(5);
  expect(risks).toEqual([...risks].sort((a, b) => b - a));
});

test('a case whose destination has no name leads to its events', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await openCases(page, `&from=${span.from}&to=${span.to}`);
  const link = panelOf(page, 'By risk').getByRole('link', { name: NAMELESS, exact: true }).first();
  await expect(link).toBeVisible();
  await page.goto((await link.getAttribute('href')) ?? '');
  await expect(page.getByText(new RegExp(`on ${DEVICE} to .*${NAMELESS}`)).first()).toBeVisible();
});

test('cases are asked for in the query editor, from a risk on', async ({ page, request }) => {
  const { to } = await eventsSpan(request);
  await openExplore(page, { queryType: 'beaconing', format: 'table' }, { from: to - 24 * 3_600_000, to });
  const picker = page.getByLabel('Detector', { exact: true });
  await expect(picker).toHaveValue('Beaconing');
  const all = await answerOf(
    page,
    () => choose(page, picker, /^Cases/),
    (queries) => queries.some((q) => q.queryType === 'cases')
  );
  await expect(cells(page, 'HighRiskCase').first()).toBeVisible();
  await page.getByRole('button', { name: /^Parameters/ }).click();
  const lowest = page.getByLabel('Lowest risk', { exact: true });
  const grave = await answerOf(
    page,
    async () => {
      await lowest.fill('80');
      await lowest.press('Enter');
    },
    (queries) => queries.some((q) => q.params?.minRisk === 80)
  );
  const risks = column(grave, 'Risk').map(Number);
  expect(risks.length).toBeGreaterThan(0);
  expect(risks.length).toBeLessThan(column(all, 'Risk').length);
  expect(Math.min(...risks)).toBeGreaterThanOrEqual(80);
});

/** Opens the dashboard at a size that shows its first list whole. */
async function openCases(page: Page, more: string) {
  await page.setViewportSize({ width: 1920, height: 1600 });
  await openShipped(page, dashboardOf('fluxhound-cases'), more);
}
