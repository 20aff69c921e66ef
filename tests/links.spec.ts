import { APIRequestContext, Locator, Page } from '@playwright/test';

import { DATASOURCE_UID } from './clickhouse';
import { cells, evaluatedRules, Query, QueryAnswer } from './grafana';
import { ANSWERED, Dashboard, dashboards, expectLoaded, openShipped, panelOf, roomFor } from './shipped';
import { expect, test } from './test';
import { logIn, removeUser } from './users';

const VIEWER = 'fluxhound-e2e-follower';

/** How many rows of a table are followed: the first is grave, and the next are of other kinds. */
const ROWS = 3;

/** The panel of a dashboard that has rows wherever a link to it leads. */
const LANDING: Record<string, string> = {
  'fluxhound-wall': 'Cases to look at first',
  'fluxhound-findings': 'Findings',
  'fluxhound-beaconing': 'Findings',
  'fluxhound-dynamic-dns': 'Findings',
  'fluxhound-fast-flux': 'Findings',
  'fluxhound-cases': 'By risk',
  'fluxhound-threat-intel': 'By risk',
  'fluxhound-repointed': 'By risk',
  'fluxhound-device': 'Events',
  'fluxhound-events': 'Log',
  'fluxhound-data-quality': 'Reasons, and what to do',
};

interface Link {
  from: string;
  title: string;
  url: URL;
}

for (const role of ['administrator', 'viewer'] as const) {
  test(`every link of every dashboard leads a ${role} to what it promises`, async ({ page, browser }) => {
    test.setTimeout(900_000);
    const follower = role === 'viewer' ? await logIn(page, browser, VIEWER, 'Viewer') : page;
    try {
      const links: Link[] = [];
      for (const dashboard of dashboards) {
        await test.step(dashboard.title, async () => links.push(...(await linksOf(follower, dashboard))));
      }
      expectVariety(links);
      const explored = links.filter(({ url }) => url.pathname === '/explore');
      expect(explored.length > 0, 'it has links to Explore').toBe(role === 'administrator');

      for (const link of distinct(links, addressOf)) {
        await test.step(`rows of ${link.from}: ${link.title}`, () => expectRows(follower.request, link));
      }
      for (const link of distinct(links, kindOf)) {
        await test.step(`${link.from}: ${link.title} → ${kindOf(link)}`, () => expectLanding(follower, link.url));
      }
    } finally {
      if (role === 'viewer') {
        await follower.context().close();
        await removeUser(page, VIEWER);
      }
    }
  });
}

test('the links of notifications lead to the finding and to its device', async ({ page }) => {
  test.setTimeout(900_000);
  const alerts = async () =>
    (await evaluatedRules(page)).flatMap(({ name, alerts }) =>
      (alerts ?? []).slice(0, 1).map(({ annotations }) => ({ name, annotations }))
    );
  // Grafana evaluates rules minutes after its start.
  await expect.poll(async () => (await alerts()).length, { timeout: 360_000 }).toBeGreaterThan(2);
  const links: Link[] = [];
  for (const { name, annotations } of await alerts()) {
    const { device_url, finding_url, __dashboardUid__ } = annotations;
    for (const [title, text] of Object.entries({ device_url, finding_url })) {
      if (text) {
        links.push({ from: name, title, url: local(new URL(text)) });
      }
    }
    if (__dashboardUid__) {
      expect(Object.keys(LANDING), `the dashboard of ${name}`).toContain(__dashboardUid__);
    }
  }
  expect(links.map(({ title }) => title)).toEqual(expect.arrayContaining(['device_url', 'finding_url']));
  for (const link of links) {
    await test.step(`rows of ${link.from}: ${link.title}`, () => expectRows(page.request, link));
  }
  for (const link of distinct(links, kindOf)) {
    await test.step(`${link.from}: ${link.title}`, () => expectLanding(page, link.url));
  }
});

/** Opens a dashboard and returns its links: of its header, its panels and the first rows of its tables. */
async function linksOf(page: Page, dashboard: Dashboard): Promise<Link[]> {
  await page.setViewportSize(roomFor(dashboard));
  await openShipped(page, dashboard);
  await expectLoaded(page, dashboard);
  const header = page.locator('a[href*="/d/"]:not(section a)');
  await expect(header.first()).toBeVisible();
  const links = await read(header, dashboard.title);
  for (const { title, type, targets } of dashboard.panels) {
    const panel = panelOf(page, title);
    const from = `${dashboard.title} › ${title}`;
    switch (type) {
      case 'table':
        links.push(...(await linksOfRows(page, panel, from)));
        break;
      case 'timeseries':
        if (DETECTORS.includes(targets?.[0].queryType ?? '')) {
          links.push(...(await linksOfMark(page, panel, from)));
        }
        break;
      case 'xychart':
        links.push(...(await linksOfMark(page, panel, from)));
        break;
      default:
        links.push(...(await read(panel.locator('a[href]'), from)));
    }
  }
  return links;
}

async function linksOfRows(page: Page, panel: Locator, from: string): Promise<Link[]> {
  const links: Link[] = [];
  const rows = panel.getByRole('row');
  await expect(rows.nth(1)).toBeVisible({ timeout: ANSWERED });
  for (let i = 1; i <= ROWS && i < (await rows.count()); i++) {
    links.push(...(await read(rows.nth(i).locator('a[href]'), from)));
    // A cell with several links has a menu of them.
    for (const cell of await rows.nth(i).locator('a[aria-haspopup="menu"]').all()) {
      await cell.click();
      const menu = page.getByTestId('data-testid portal-container').locator('a[href]');
      await expect(menu.first()).toBeVisible();
      links.push(...(await read(menu, from)));
      await page.keyboard.press('Escape');
      await page.mouse.click(1, 1);
      await expect(menu).toHaveCount(0);
    }
  }
  return links;
}

/** The queries whose series are findings, which have links. */
const DETECTORS = ['beaconing', 'dynamicDns', 'fastFlux', 'cases', 'threatIntel', 'repointed'];

/** A chart has its links where one of its marks is clicked; where the marks are, only the chart knows. */
async function linksOfMark(page: Page, panel: Locator, from: string): Promise<Link[]> {
  await expect(panel.locator('.u-over')).toBeVisible();
  const tooltip = page.getByTestId('data-testid viz-tooltip-wrapper');
  for (const [x, y] of await marksOf(panel)) {
    await page.mouse.move(x, y);
    if (await appears(tooltip)) {
      await page.mouse.click(x, y);
      await appears(tooltip.locator('a[href]').first());
      const found = await read(tooltip.locator('a[href]'), from);
      await page.keyboard.press('Escape');
      await page.mouse.click(1, 1);
      if (found.length > 0) {
        return found;
      }
    }
  }
  return [];
}

/** Does it come, within what a chart takes to answer to the mouse? Many a mark has none. */
function appears(what: Locator): Promise<boolean> {
  return what.waitFor({ state: 'visible', timeout: 1_000 }).then(
    () => true,
    () => false
  );
}

/** Where a chart is drawn in a colour, which axes and grid are not: from its right end on, where what is new stands. */
async function marksOf(panel: Locator): Promise<Array<[number, number]>> {
  const marks = () =>
    panel.locator('.uplot').evaluate((chart) => {
      const canvas = chart.querySelector('canvas');
      const plot = chart.querySelector('.u-over')?.getBoundingClientRect();
      if (!canvas || !plot) {
        return [];
      }
      const shown = canvas.getBoundingClientRect();
      const scale = canvas.width / shown.width;
      const image = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
      const found: Array<[number, number]> = [];
      for (let x = plot.right - 2; image && x > plot.left; x -= 3) {
        for (let y = plot.top; y < plot.bottom; y += 3) {
          const at = (Math.round((y - shown.top) * scale) * canvas.width + Math.round((x - shown.left) * scale)) * 4;
          const [red, green, blue, alpha] = image.data.slice(at, at + 4);
          const apart = found.every(([left, top]) => Math.hypot(left - x, top - y) > 12);
          if (alpha > 80 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60 && apart) {
            found.push([x, y]);
          }
        }
      }
      const step = Math.ceil(found.length / 40);
      return found.filter((_, i) => i % step === 0); // of an area that is filled, all of its width
    });
  await expect.poll(async () => (await marks()).length).toBeGreaterThan(0);
  return marks();
}

async function read(anchors: Locator, from: string): Promise<Link[]> {
  const found = await anchors.evaluateAll((list) =>
    list.map((a) => ({ href: (a as HTMLAnchorElement).href, title: a.getAttribute('title') ?? a.textContent ?? '' }))
  );
  return found
    .map(({ href, title }) => ({ from, title, url: new URL(href) }))
    .filter(({ url }) => url.origin === new URL(process.env.GRAFANA_URL ?? '').origin)
    .map((link) => ({ ...link, url: local(link.url) }));
}

/** The same place in the Grafana that is tested: one that was configured with another address writes that into links. */
function local(url: URL): URL {
  return new URL(url.pathname + url.search, process.env.GRAFANA_URL);
}

/** Nothing was left out: there are links of the header, of rows, of numbers and of charts. */
function expectVariety(links: Link[]) {
  const from = new Set(links.map((link) => link.from));
  for (const { title } of dashboards) {
    expect(from, 'the headers').toContain(title);
  }
  for (const place of [
    'SOC wall › Beaconing',
    'SOC wall › Cases to look at first',
    'SOC wall › Alerts by rule',
    'Beaconing › Findings',
    'Beaconing › Connections of the fastest beacons over time',
    'Beaconing › Rate against count',
    'Fast flux › Addresses against names',
    'Dynamic DNS › Connections to the busiest names over time',
    'Dynamic DNS › Names that most devices use',
    'Device investigation › Destinations',
    'Device investigation › Processes',
    'Hunting › Questions',
  ]) {
    expect(from).toContain(`Fluxhound ${place}`);
  }
}

function distinct(links: Link[], by: (link: Link) => string): Link[] {
  return [...new Map(links.map((link) => [by(link), link])).values()];
}

function addressOf({ url }: Link): string {
  return url.pathname + url.search;
}

/** What kind of target a link has: its page, and which conditions lead to it, whatever their values. */
function kindOf({ url }: Link): string {
  const conditions = [...url.searchParams].flatMap(([name, value]) => {
    if (name === 'var-filters') {
      return [value.split('|').slice(0, 2).join(' ')];
    }
    return name.startsWith('var-') && value !== '$__all' ? [name] : [];
  });
  const panes = url.searchParams.get('panes');
  if (panes) {
    const { queries }: Pane = paneOf(panes);
    conditions.push(...queries.map((q) => `${q.queryType} ${(q.filters ?? []).map((f) => f.column + f.operator)}`));
  }
  const path = url.pathname.startsWith('/alerting/') ? '/alerting/' : url.pathname;
  return [path, ...new Set(conditions)].join(' ');
}

interface Pane {
  datasource: string;
  queries: Query[];
  range: { from: string; to: string };
}

function paneOf(panes: string): Pane {
  const [pane] = Object.values<Pane>(JSON.parse(panes));
  return pane;
}

/** Asks what the link's target asks, as who follows it, and expects rows. */
async function expectRows(request: APIRequestContext, { url }: Link) {
  const asked = askedBy(url);
  if (!asked) {
    return; // a page without conditions of its own, which the crawl opens
  }
  const response = await request.post('/api/ds/query', {
    data: {
      ...asked.range,
      queries: asked.queries.map((query) => ({ refId: 'A', datasource: { uid: DATASOURCE_UID }, ...query })),
    },
  });
  const answer: QueryAnswer = await response.json();
  expect(answer.results?.A?.error, decodeURIComponent(url.href)).toBeUndefined();
  const rows = answer.results.A.frames?.[0]?.data.values[0]?.length ?? 0;
  expect(rows, `rows of ${decodeURIComponent(url.href)}`).toBeGreaterThan(0);
}

function askedBy(url: URL): Pick<Pane, 'queries' | 'range'> | undefined {
  const panes = url.searchParams.get('panes');
  if (panes) {
    return paneOf(panes);
  }
  if (!['/d/fluxhound-events', '/d/fluxhound-device'].includes(url.pathname)) {
    return undefined;
  }
  const filters = [
    ...url.searchParams.getAll('var-filters').map(filterOf),
    ...url.searchParams.getAll('var-device').map((value) => ({ column: 'DeviceName', operator: '=', values: [value] })),
    ...url.searchParams
      .getAll('var-remote_url')
      .map((value) => ({ column: 'RemoteUrl', operator: '=', values: [value] })),
  ].filter(({ values }) => values[0] !== '$__all');
  const range = { from: url.searchParams.get('from') ?? 'now-7d', to: url.searchParams.get('to') ?? 'now' };
  return { queries: [{ queryType: 'events', format: 'table', filters, limit: 1 }], range };
}

/** A condition that an ad hoc filter in a URL stands for. */
function filterOf(text: string): { column: string; operator: string; values: string[] } {
  const [column, operator, value] = text.split('|').map((part) =>
    part
      .replace(/__gfp__/g, '|')
      .replace(/__gfh__/g, '#')
      .replace(/__gfc__/g, ',')
  );
  const contained = /^\.\*(.*)\.\*$/.exec(value)?.[1];
  if (operator === '=~') {
    const text = (contained ?? (value === '^$' ? '' : value)).replace(/\\(.)/g, '$1');
    return { column, operator: contained === undefined ? '=' : 'contains', values: [text] };
  }
  return { column, operator: value.includes('/') && column === 'RemoteIP' ? 'inSubnet' : operator, values: [value] };
}

/** Opens the link and looks whether that is the page, with rows and without an error. */
async function expectLanding(page: Page, url: URL) {
  await page.setViewportSize({ width: 1920, height: 2400 });
  await page.goto(url.href);
  const [, place, uid] = url.pathname.split('/');
  if (place === 'explore') {
    await expect(page).toHaveURL(/\/explore\?/);
    const line = page.getByText(/^Connection\w+ .* on /).or(cells(page, /\w/));
    await expect(line.first()).toBeVisible({ timeout: ANSWERED });
  } else if (place === 'alerting') {
    await expect(page).toHaveURL(/\/alerting\/grafana\/fluxhound-/);
    await expect(page.getByText('Evaluation interval').or(page.getByText('Last evaluated')).first()).toBeVisible();
  } else {
    expect(place, url.href).toBe('d');
    await expect(page).toHaveURL(new RegExp(`/d/${uid}[/?]`));
    await expectRowsOf(page, url, uid);
  }
  await expect(page.getByTestId(/^data-testid Alert error/).filter({ visible: true })).toHaveCount(0);
  await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
}

async function expectRowsOf(page: Page, url: URL, uid: string) {
  const title = LANDING[uid];
  if (!title || url.searchParams.has('viewPanel')) {
    // A question may find nothing, and the list of questions is a text.
    const content = page.getByTestId('data-testid panel content').first();
    return expect(content).toContainText(/\w/, { timeout: ANSWERED });
  }
  const content = panelOf(page, title).getByTestId('data-testid panel content');
  const log = content.getByText(/^Connection\w+ /).first();
  const number = content.locator('div > span').first();
  await expect(content.getByRole('row').nth(1).or(log).or(number).first()).toBeVisible({ timeout: ANSWERED });
  return expect(content).not.toContainText(/Nothing to show|No data|No answer/);
}
