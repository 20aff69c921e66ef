import { Browser, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DATASOURCE_UID } from './clickhouse';
import { ANSWERED, panelOf, valueIn } from './shipped';
import { expect, test } from './test';
import { asStranger } from './users';

const WALL = readFileSync(join(__dirname, '..', 'dashboards', 'wall.json'), 'utf8');
const COPY = 'fluxhound-e2e-shared';

/** Shares a dashboard, and opens it as somebody without an account. */
async function openShared(
  page: Page,
  browser: Browser,
  uid: string
): Promise<{ stranger: Page; end: () => Promise<void> }> {
  const shares = `/api/dashboards/uid/${uid}/public-dashboards`;
  const shared = await page.request.post(shares, { data: { isEnabled: true, share: 'public' } });
  expect(shared.ok(), await shared.text()).toBe(true);
  const { uid: share, accessToken } = await shared.json();
  const context = await asStranger(browser);
  const stranger = await context.newPage();
  await stranger.goto(`/public-dashboards/${accessToken}`);
  const end = async () => {
    await context.close();
    await page.request.delete(`${shares}/${share}`);
  };
  return { stranger, end };
}

test('a wall that is shared as it is says that there is no answer', async ({ page, browser }) => {
  test.setTimeout(300_000);
  const { stranger, end } = await openShared(page, browser, 'fluxhound-wall');
  try {
    for (const title of ['Beaconing', 'Dynamic DNS', 'Fast flux', 'Data freshness']) {
      const content = panelOf(stranger, title).getByTestId('data-testid panel content');
      await expect(content).toContainText('No answer', { timeout: ANSWERED });
    }
  } finally {
    await end();
  }
});

test('a copy of the wall whose panels name the data source answers strangers', async ({ page, browser }) => {
  test.setTimeout(300_000);
  const dashboard = JSON.parse(WALL.replaceAll('${datasource}', DATASOURCE_UID));
  const copy = { ...dashboard, uid: COPY, title: 'Shared wall', templating: { list: [] } };
  const saved = await page.request.post('/api/dashboards/db', { data: { dashboard: copy, overwrite: true } });
  expect(saved.ok(), await saved.text()).toBe(true);
  try {
    const { stranger, end } = await openShared(page, browser, COPY);
    try {
      for (const title of ['Beaconing', 'Dynamic DNS', 'Data freshness', 'Devices by risk']) {
        const content = panelOf(stranger, title).getByTestId('data-testid panel content');
        await expect(valueIn(content)).toHaveText(/\d/, { timeout: ANSWERED });
      }
    } finally {
      await end();
    }
  } finally {
    await page.request.delete(`/api/dashboards/uid/${COPY}`);
  }
});
