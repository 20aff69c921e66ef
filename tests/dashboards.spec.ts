import {
  dashboardOf,
  dashboards,
  DEVICE,
  EVALUATED,
  expectDrawn,
  openShipped,
  panelOf,
  roomFor,
  valueIn,
} from './shipped';
import { expect, test } from './test';

const HOUR = 3_600_000;

for (const dashboard of dashboards) {
  test(`every panel of ${dashboard.title} renders with data`, async ({ page }) => {
    test.setTimeout(EVALUATED + 180_000);
    await page.setViewportSize(roomFor(dashboard));
    await openShipped(page, dashboard);
    await expectDrawn(page, dashboard);
  });
}

test('the wall fits a screen of 1920×1080 without scrolling', async ({ page }) => {
  test.setTimeout(EVALUATED + 180_000);
  const wall = dashboardOf('fluxhound-wall');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await openShipped(page, wall);
  await expectDrawn(page, wall);
  for (const { title } of wall.panels) {
    const box = await panelOf(page, title).boundingBox();
    expect((box?.y ?? NaN) + (box?.height ?? NaN), `the lower edge of ${title}`).toBeLessThanOrEqual(1080);
  }
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(1080);
  // Grafana makes the number of rules as small as its panel.
  const firing = await valueIn(panelOf(page, 'Firing').getByTestId('data-testid panel content')).boundingBox();
  expect(firing?.height, 'the height of the number of rules that fire').toBeGreaterThan(30);
  // A list that scrolls inside its panel hides rules from whoever stands before the wall.
  const rules = panelOf(page, 'Alerts by rule').getByTestId('data-testid panel content');
  const hidden = await rules.evaluate((content) =>
    [content, ...content.querySelectorAll('*')]
      .filter((e) => /auto|scroll/.test(getComputedStyle(e).overflowY))
      .map((e) => e.scrollHeight - e.clientHeight)
      .filter((more) => more > 0)
  );
  expect(hidden, 'pixels of the list that only scrolling shows').toEqual([]);
});

for (const title of ['Beaconing', 'Dynamic DNS', 'Fast flux'].map((label) => `${label} new`)) {
  test(`the wall draws a number for ${title}`, async ({ page }) => {
    const wall = dashboardOf('fluxhound-wall');
    await page.setViewportSize({ width: 1920, height: 1080 });
    await openShipped(page, wall);
    await expectDrawn(page, { ...wall, panels: wall.panels.filter((panel) => panel.title === title) });
    // Its name has digits, 24 h, and stands before the value. The demo's findings are kept since it has started: they are new.
    await expect(panelOf(page, title).getByText(/^[1-9]\d*$/)).toBeVisible();
  });
}

test('what is new on the wall leads to the kept findings', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await openShipped(page, dashboardOf('fluxhound-wall'));
  await panelOf(page, 'Beaconing new')
    .getByText(/^[1-9]\d*$/)
    .click();
  await expect(page).toHaveURL(/\/d\/fluxhound-findings/);
  await expect(panelOf(page, 'Findings').getByRole('row').nth(1)).toBeVisible();
});

test('a destination of the investigated device leads to its events in Explore', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1600 });
  await openShipped(page, dashboardOf('fluxhound-device'));
  const link = panelOf(page, 'Destinations').getByRole('link').first();
  const address = (await link.textContent())?.trim() ?? '';
  await page.goto((await link.getAttribute('href')) ?? '');
  expect(address).toMatch(/^[0-9.]+$/);
  await expect(page.getByText(new RegExp(`on ${DEVICE} to .*${address.replaceAll('.', '\\.')}`)).first()).toBeVisible();
});

test('a finding of the investigated device leads to its own events in Explore', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1600 });
  await openShipped(page, dashboardOf('fluxhound-device'));
  const findings = panelOf(page, 'Findings');
  await expect(findings.getByText('Severity', { exact: true })).toBeVisible();
  // It is in the data, since links are made of it, and not drawn: the page is one device's.
  await expect(findings.getByText('DeviceName', { exact: true })).toHaveCount(0);
  const href =
    (await findings
      .getByRole('link', { name: /^(Potential|Suspicious)/ })
      .first()
      .getAttribute('href')) ?? '';
  const { finding } = JSON.parse(new URL(href, 'http://grafana').searchParams.get('panes') ?? '');
  const filters: Array<{ column: string; values: string[] }> = finding.queries[0].filters;
  expect(filters).toContainEqual({ column: 'DeviceName', operator: '=', values: [DEVICE] });
  await page.goto(href);
  await expect(page.getByText(new RegExp(`on ${DEVICE} to `)).first()).toBeVisible();
});

test('a device on the wall leads to its investigation in the time range of its panel', async ({ page }) => {
  await page.goto('/d/fluxhound-wall?from=now-7d&to=now');
  const device = panelOf(page, 'Devices by risk')
    .getByText(/^(WS|LT|SRV)-/)
    .first();
  const name = (await device.textContent()) ?? '';
  await device.click();
  await expect(page).toHaveURL(new RegExp(`/d/fluxhound-device.*var-device=${name}`));
  const { searchParams } = new URL(page.url());
  const [from, to] = ['from', 'to'].map((name) => instant(searchParams.get(name) ?? ''));
  expect(to - from, 'milliseconds of the range').toBe(24 * HOUR);
  expect(Date.now() - to, 'milliseconds since its end').toBeLessThan(HOUR);
  await expect(panelOf(page, 'Findings')).toBeVisible();
});

/** Reads an instant of a URL, in milliseconds: a link gives it so, and Grafana writes it out then. */
function instant(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}
