import { expect, Locator, Page } from '@playwright/test';

import { DATASOURCE_UID, Span } from './clickhouse';

/** A query as the editors save it. */
export interface Query {
  refId?: string;
  queryType: string;
  format?: string;
  params?: Record<string, unknown>;
  filters?: Array<{ column: string; operator: string; values: string[] }>;
  limit?: number;
}

const datasource = { type: 'fluxhound-detections-datasource', uid: DATASOURCE_UID };

/** Opens Explore with a query over a time span, of the provisioned data source or another. */
export async function openExplore(page: Page, query: Query, span: Span, uid = DATASOURCE_UID): Promise<void> {
  const pane = {
    datasource: uid,
    queries: [{ refId: 'A', datasource: { ...datasource, uid }, ...query }],
    range: { from: String(span.from), to: String(span.to) },
  };
  await page.goto(`/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify({ a: pane }))}`);
}

/** Makes a dashboard over the API and returns its uid; a panel is as in a dashboard's JSON. */
export async function makeDashboard(page: Page, uid: string, dashboard: object): Promise<string> {
  const response = await page.request.post('/api/dashboards/db', {
    data: { overwrite: true, dashboard: { uid, schemaVersion: 41, timezone: 'utc', ...dashboard } },
  });
  expect(response.ok(), await response.text()).toBe(true);
  return uid;
}

export async function deleteDashboard(page: Page, uid: string): Promise<void> {
  await page.request.delete(`/api/dashboards/uid/${uid}`);
}

/** Makes a data source over the API, in place of one that a run before this has left. */
export async function makeDataSource(
  page: Page,
  uid: string,
  jsonData: object,
  secureJsonData: object = {}
): Promise<void> {
  await deleteDataSource(page, uid);
  const response = await page.request.post('/api/datasources', {
    data: { uid, name: uid, type: datasource.type, access: 'proxy', jsonData, secureJsonData },
  });
  expect(response.ok(), await response.text()).toBe(true);
}

export async function deleteDataSource(page: Page, uid: string): Promise<void> {
  await page.request.delete(`/api/datasources/uid/${uid}`);
}

/** A table panel with one query. */
export function tablePanel(query: Query, id = 1): object {
  return {
    id,
    type: 'table',
    title: `Panel ${id}`,
    datasource,
    gridPos: { x: 0, y: (id - 1) * 14, w: 24, h: 14 },
    targets: [{ refId: 'A', datasource, ...query }],
  };
}

/** The time span as a dashboard's time. */
export function timeOf(span: Span): { from: string; to: string } {
  return { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
}

/** A table's cells of the name; Grafana's tables have them in one of two roles. */
export function cells(page: Page, name: string | RegExp): Locator {
  return page.getByRole('gridcell', { name }).or(page.getByRole('cell', { name }));
}

/** Chooses an option of a picker by its visible text. */
export async function choose(page: Page, picker: Locator, option: string | RegExp): Promise<void> {
  await picker.click();
  await page.getByRole('option', { name: option }).first().click();
}

/** Waits for the answer of the next query that `matches`, and returns its body. */
export async function answerOf(
  page: Page,
  act: () => Promise<unknown>,
  matches: (queries: Query[]) => boolean = () => true
): Promise<QueryAnswer> {
  const [response] = await Promise.all([
    page.waitForResponse(
      (r) => r.url().includes('/api/ds/query') && matches(r.request().postDataJSON()?.queries ?? [])
    ),
    act(),
  ]);
  return response.json();
}

/** Grafana's answer to a query, as far as the specs read it. */
export interface QueryAnswer {
  results: Record<
    string,
    {
      status?: number;
      error?: string;
      frames?: Array<{
        schema: { meta?: { executedQueryString?: string }; fields: Array<{ name: string }> };
        data: { values: unknown[][] };
      }>;
    }
  >;
}

/** The values of a field in the first frame of a query's answer. */
export function column(answer: QueryAnswer, name: string, refId = 'A'): unknown[] {
  const frame = answer.results[refId]?.frames?.[0];
  const index = frame?.schema.fields.findIndex((f) => f.name === name) ?? -1;
  expect(index, `the answer has a field ${name}`).toBeGreaterThanOrEqual(0);
  return frame?.data.values[index] ?? [];
}

/** A rule as Grafana has evaluated it, and the seconds between two evaluations of its group. */
export interface EvaluatedRule {
  uid: string;
  name: string;
  state: string;
  health: string;
  lastError?: string;
  lastEvaluation: string;
  alerts?: Array<{ annotations: Record<string, string | undefined> }>;
  interval: number;
}

/** All of Grafana's own rules. */
export async function evaluatedRules(page: Page): Promise<EvaluatedRule[]> {
  const response = await page.request.get('/api/prometheus/grafana/api/v1/rules');
  const { data }: { data: { groups: Array<{ interval: number; rules: Array<Omit<EvaluatedRule, 'interval'>> }> } } =
    await response.json();
  return data.groups.flatMap(({ interval, rules }) => rules.map((rule) => ({ ...rule, interval })));
}
