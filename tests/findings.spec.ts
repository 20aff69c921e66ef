import { Page } from '@playwright/test';

import { ask, clickhouse, DATASOURCE_UID } from './clickhouse';
import { Query } from './grafana';
import { dashboardOf, openShipped, panelOf } from './shipped';
import { expect, test } from './test';
import { logIn, removeUser } from './users';

const WEEK = 7 * 24 * 3600;

/** The rule whose findings are judged here, and the query type that it asks. */
const RULE = { name: 'Beaconing', queryType: 'beaconing' };

/** Users that are made for a test and removed after it; their logins are their names. */
const EDITOR = 'fluxhound-e2e-editor';
const VIEWER = 'fluxhound-e2e-viewer';

/** A hang's end, not a measure: viewers share an answer for half a minute, and a verdict shows with the next. */
const SHOWN = 90_000;

test.afterEach(async ({ page }) => {
  for (const login of [EDITOR, VIEWER]) {
    await removeUser(page, login);
  }
});

test('findings are listed with their state and the rule that found them, the gravest first', async ({ page }) => {
  await open(page);
  const rows = panelOf(page, 'Findings').getByRole('row');
  await expect(rows.nth(1)).toContainText(/critical|high/);
  await expect(rows.nth(1)).toContainText(/new|open/);
  const asked = await panelOf(page, 'By rule').getByRole('row').allInnerTexts();
  const rules = asked.slice(1).map((text) => text.split('\n')[0]);
  expect(rules).toEqual(expect.arrayContaining([RULE.name, 'High-risk case', 'Suspicious dynamic DNS']));
  const cells = await rows.nth(1).getByRole('gridcell').allInnerTexts();
  expect(
    cells.filter((text) => rules.includes(text)),
    'the rule of the gravest finding'
  ).toHaveLength(1);
});

test('a finding leads to its device and to its events', async ({ page }) => {
  const { device, url, key } = await aFinding(page);
  await open(page, key);
  const row = rowOf(page);
  const events = (await row.getByRole('link', { name: url, exact: true }).getAttribute('href')) ?? '';
  await row.getByText(device, { exact: true }).click();
  const investigation = page.getByRole('link', { name: 'Investigate the device' });
  expect(await investigation.getAttribute('href')).toMatch(
    new RegExp(`/d/fluxhound-device\\?.*var-device=${device}(&|$)`)
  );
  await page.goto(events);
  await expect(page.getByText(new RegExp(`on ${device} to .*${url}`)).first()).toBeVisible();
});

test('an editor says that a finding is benign, and takes it back', async ({ page, browser }) => {
  test.setTimeout(2 * SHOWN + 180_000);
  const { key } = await aFinding(page);
  const editor = await logIn(page, browser, EDITOR, 'Editor');
  const note = `"updates" & more, ${Date.now()}`;
  try {
    expect(await keysOf(page), 'what an alert rule is told of').toContain(key);
    await open(editor, key);
    await say(editor, 'Benign', note);
    expect(await keysOf(page), 'what an alert rule is told of once it is benign').not.toContain(key);
    await expectRow(editor, key, ['benign', note, EDITOR]);

    await say(editor, 'Take back', '');
    expect(await keysOf(page), 'what an alert rule is told of once that is taken back').toContain(key);
    await expectRow(editor, key, [], note);
  } finally {
    await page.request.post(verdictsOf(key, 'none'), { data: {} });
    await editor.context().close();
  }
});

test('a note that is not typed is none', async ({ page }) => {
  const { key } = await aFinding(page);
  try {
    await open(page, key);
    await say(page, 'I look at it', '');
    const said = await ask<{ Verdict: string; Note: string }>(
      page.request,
      `SELECT Verdict, Note FROM network_events_verdicts WHERE FindingKey = '${key}' ORDER BY At DESC LIMIT 1`
    );
    expect(said).toEqual({ Verdict: 'investigating', Note: '' });
  } finally {
    await page.request.post(verdictsOf(key, 'none'), { data: {} });
  }
});

test('a viewer sees findings and can say nothing of them', async ({ page, browser }) => {
  const { key } = await aFinding(page);
  const viewer = await logIn(page, browser, VIEWER, 'Viewer');
  try {
    await open(viewer, key);
    await expect(rowOf(viewer)).toContainText(/critical|high|medium|low/);
    await expect(panelOf(viewer, 'Findings').getByRole('button', { name: 'Benign' })).toHaveCount(0);
    const response = await viewer.request.post(verdictsOf(key, 'benign'), { data: {} });
    expect(response.status()).toBe(403);
    expect(await response.text()).toContain('only editors and administrators');
    const { said } = await ask<{ said: string }>(
      page.request,
      `SELECT toString(count()) AS said FROM network_events_verdicts WHERE Who = '${VIEWER}'`
    );
    expect(said).toBe('0');
    expect(await keysOf(page), 'what an alert rule is told of').toContain(key);
  } finally {
    await viewer.context().close();
  }
});

test('the user who writes verdicts is saved, and the password kept secret', async ({
  createDataSourceConfigPage,
  page,
}) => {
  await createDataSourceConfigPage({ type: 'fluxhound-detections-datasource' });
  const uid = new URL(page.url()).pathname.split('/').pop() ?? '';
  await page.getByLabel(/^Host/).fill(clickhouse.native);
  await page.getByRole('button', { name: 'Expand section Verdicts' }).click();
  await page.getByLabel(/^User who writes verdicts/).fill('judge');
  await page.getByLabel(/^Their password/).fill('certainly-secret');
  const [saved] = await Promise.all([
    page.waitForResponse((r) => r.request().method() === 'PUT' && r.url().includes(uid)),
    page.getByRole('button', { name: 'Save & test' }).click(),
  ]);
  expect(saved.ok()).toBe(true);

  await page.reload();
  await expect(page.getByLabel(/^User who writes verdicts/)).toHaveValue('judge'); // a section that says something is open
  await expect(page.getByLabel(/^Their password/)).toHaveValue('configured');
  const kept = await (await page.request.get(`/api/datasources/uid/${uid}`)).text();
  expect(JSON.parse(kept)).toMatchObject({
    jsonData: { verdictsUsername: 'judge' },
    secureJsonFields: { verdictsPassword: true },
  });
  expect(kept).not.toContain('certainly-secret');
});

/** Opens the dashboard at a size that shows all of it, with one finding alone where a key is given. */
async function open(page: Page, key?: string) {
  await page.setViewportSize({ width: 1920, height: 2000 });
  const filter = key ? `&var-filters=${encodeURIComponent(`FindingKey|=|${key}`)}` : '';
  await openShipped(page, dashboardOf('fluxhound-findings'), filter);
  await expect(panelOf(page, 'Findings').getByRole('row').nth(1)).toBeVisible({ timeout: SHOWN });
}

/** The row of the rule's finding. Other rules may have found it as well. */
function rowOf(page: Page) {
  return panelOf(page, 'Findings')
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell', { name: RULE.name, exact: true }) });
}

/** Presses a button of the finding, types a note and confirms, as an analyst does. */
async function say(page: Page, button: string, note: string) {
  await rowOf(page).getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  if (note) {
    await dialog.getByRole('textbox').fill(note);
  }
  await dialog.getByRole('button', { name: 'Continue' }).click();
  const [response] = await Promise.all([
    page.waitForResponse((r) => r.url().includes('/resources/verdicts')),
    dialog.getByRole('button', { name: 'Confirm' }).click(),
  ]);
  expect(response.status(), await response.text()).toBe(200);
  await expect(page.getByTestId('data-testid Alert success')).toBeVisible();
}

/** Loads the dashboard anew until the finding's row has these texts, and not the other. */
async function expectRow(page: Page, key: string, texts: string[], absent?: string) {
  await expect(async () => {
    await open(page, key);
    for (const text of texts) {
      await expect(rowOf(page)).toContainText(text, { timeout: 5_000 });
    }
    if (absent) {
      await expect(rowOf(page)).not.toContainText(absent, { timeout: 5_000 });
    }
  }).toPass({ timeout: SHOWN });
}

/** A query's frames as an alert rule gets them. */
async function evaluated(page: Page, query: Query) {
  const model = { refId: 'A', datasource: { uid: DATASOURCE_UID }, ...query, format: 'numeric' };
  const response = await page.request.post('/api/v1/eval', {
    data: {
      condition: 'A',
      data: [{ refId: 'A', datasourceUid: DATASOURCE_UID, relativeTimeRange: { from: WEEK, to: 0 }, model }],
    },
  });
  const answer: Evaluated = await response.json();
  expect(answer.results.A.error).toBeUndefined();
  return answer.results.A.frames.flatMap(({ schema }) => schema.fields.map(({ labels }) => labels ?? {}));
}

interface Evaluated {
  results: {
    A: { error?: string; frames: Array<{ schema: { fields: Array<{ labels?: Record<string, string> }> } }> };
  };
}

/** The keys of the findings that an alert rule which asks the detector is told of. */
async function keysOf(page: Page): Promise<string[]> {
  return (await evaluated(page, { queryType: RULE.queryType })).map((labels) => labels.finding_key);
}

/** A kept finding of the rule. */
async function aFinding(page: Page) {
  const [labels] = await evaluated(page, { queryType: 'findings', params: { rules: [RULE.name] } });
  return { device: labels.device, url: labels.remote_url, key: labels.finding_key };
}

/** Where a verdict is posted to, as a panel's button does. */
function verdictsOf(key: string, verdict: string): string {
  return `/api/datasources/uid/${DATASOURCE_UID}/resources/verdicts?findingKey=${key}&verdict=${verdict}`;
}
