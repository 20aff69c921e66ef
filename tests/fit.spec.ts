import { Page } from '@playwright/test';

import { Dashboard, dashboards, expectLoaded, openShipped, panelOf, picture } from './shipped';
import { expect, test } from './test';

/** Dashboards that are looked through on a laptop and on a telephone. A list of text is Grafana's to lay out. */
const READ = dashboards.filter(({ uid }) => uid !== 'fluxhound-hunting');

/** A laptop, and a telephone: there Grafana cuts titles, and the wall's lists, which are large, have no room. */
for (const { width, whole } of [
  { width: 1366, whole: ['stat', 'alertlist', 'bargauge', 'title'] },
  { width: 400, whole: ['stat', 'bargauge'] },
]) {
  test(`nothing is cut off and nothing overlaps at ${width} px`, async ({ page }) => {
    test.setTimeout(900_000);
    for (const dashboard of READ) {
      await test.step(dashboard.title, async () => {
        await open(page, dashboard, width);
        expect.soft(await overlapsOf(page, dashboard), `${dashboard.title}: panels over each other`).toEqual([]);
        if (width > 400 || dashboard.uid !== 'fluxhound-wall') {
          expect.soft(await illegible(page, dashboard, whole), `${dashboard.title}: texts`).toEqual([]);
        }
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect.soft(wider, `${dashboard.title}: pixels beyond the screen's edge`).toBeLessThanOrEqual(0);
        await picture(page, dashboard, `${width}`);
      });
    }
  });
}

/** Opens a dashboard in a window of the width that is as high as all of its panels one below the other. */
async function open(page: Page, dashboard: Dashboard, width: number) {
  const rows = dashboard.panels.reduce((sum, { gridPos }) => sum + gridPos.h, 0);
  await page.setViewportSize({ width, height: rows * 38 + 800 });
  await openShipped(page, dashboard);
  await expectLoaded(page, dashboard);
}

async function overlapsOf(page: Page, { panels }: Dashboard): Promise<string[]> {
  const boxes = await Promise.all(
    panels.map(async ({ title }) => ({ title, box: await panelOf(page, title).boundingBox() }))
  );
  return boxes.flatMap(({ title, box }, i) =>
    boxes
      .slice(i + 1)
      .filter(({ box: other }) => box && other && box.x < other.x + other.width - 1 && other.x < box.x + box.width - 1)
      .filter(
        ({ box: other }) => box && other && box.y < other.y + other.height - 1 && other.y < box.y + box.height - 1
      )
      .map((other) => `${title} and ${other.title}`)
  );
}

/**
 * The texts of panels of these types, and titles where they are asked for, that are cut off or lie over each other. Cells and legends
 * are cut where there is no room, and show all of themselves when asked.
 */
async function illegible(page: Page, { panels }: Dashboard, types: string[]): Promise<string[]> {
  const whole = panels.filter(({ type }) => types.includes(type)).map(({ title }) => title);
  const titles = types.includes('title');
  return page.evaluate(
    ({ whole, titles }) => {
      const faults: string[] = [];
      for (const panel of document.querySelectorAll('section[data-testid^="data-testid Panel header"]')) {
        const title = panel.querySelector('h2')?.textContent ?? '';
        const frame = panel.getBoundingClientRect();
        const content = panel.querySelector('[data-testid="data-testid panel content"]');
        const boxes = [
          ...(titles ? panel.querySelectorAll('h2') : []),
          ...((whole.includes(title) && content?.querySelectorAll('span, a, div, button')) || []),
        ]
          .filter((e) => e.childElementCount === 0 && e.textContent?.trim() && e.getClientRects().length > 0)
          .map((element) => {
            const range = document.createRange();
            range.selectNodeContents(element);
            return { text: element.textContent ?? '', element, box: range.getBoundingClientRect() };
          });
        for (const { text, element, box } of boxes) {
          const clips =
            getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
          if (clips || box.right > frame.right + 1 || box.left < frame.left - 1) {
            faults.push(`${title}: "${text}" is cut off`);
          }
        }
        boxes.forEach(({ text, box }, i) => {
          for (const other of boxes.slice(i + 1)) {
            const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
            const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
            if (across > 2 && down > Math.min(box.height, other.box.height) / 3) {
              faults.push(`${title}: "${text}" lies over "${other.text}"`);
            }
          }
        });
      }
      return faults;
    },
    { whole, titles }
  );
}
