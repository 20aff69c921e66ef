import { dashboardOf, dashboards, DEVICE, expectDrawn, openShipped, panelOf, roomFor } from './shipped';
import { expect, test } from './test';

for (const dashboard of dashboards) {
  test(`every panel of ${dashboard.title} renders with data`, async ({ page }) => {
    await page.setViewportSize(roomFor(dashboard));
    await openShipped(page, dashboard);
    await expectDrawn(page, dashboard);
  });
}

test('the wall fits a screen of 1920×1080 without scrolling', async ({ page }) => {
  const wall = dashboardOf('fluxhound-wall');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await openShipped(page, wall);
  await expectDrawn(page, wall);
  for (const { title } of wall.panels) {
    const box = await panelOf(page, title).boundingBox();
    expect((box?.y ?? NaN) + (box?.height ?? NaN), `the lower edge of ${title}`).toBeLessThanOrEqual(1080);
  }
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(1080);
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

test('a device on the wall leads to its investigation in the same time range', async ({ page }) => {
  await page.goto('/d/fluxhound-wall?from=now-7d&to=now');
  const device = panelOf(page, 'Devices with most findings')
    .getByText(/^(WS|LT|SRV)-/)
    .first();
  const name = (await device.textContent()) ?? '';
  await device.click();
  await expect(page).toHaveURL(new RegExp(`/d/fluxhound-device.*var-device=${name}`));
  expect(new URL(page.url()).searchParams.get('from')).toBe('now-7d');
  await expect(panelOf(page, 'Findings')).toBeVisible();
});
