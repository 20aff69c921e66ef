import { APIRequestContext, expect } from '@playwright/test';

/** Where the specs' ClickHouse is: host:port of its two interfaces. */
export const clickhouse = {
  http: required('FLUXHOUND_CH_HTTP'),
  native: required('FLUXHOUND_CH_NATIVE'),
};

/** The uid of the data source that is provisioned. */
export const DATASOURCE_UID = 'fluxhound';

/** A time span in epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** Runs a statement without an answer. */
export async function run(request: APIRequestContext, sql: string): Promise<void> {
  const response = await request.post(`http://${clickhouse.http}/`, { data: sql });
  expect(response.ok(), await response.text()).toBe(true);
}

/** Makes an empty table with the columns of the events. */
export async function makeEventsTable(request: APIRequestContext, table: string): Promise<void> {
  await run(request, `CREATE OR REPLACE TABLE ${table} AS network_events ENGINE = MergeTree ORDER BY Timestamp`);
}

/** Asks ClickHouse for one row. */
export async function ask<T>(request: APIRequestContext, sql: string): Promise<T> {
  const response = await request.post(`http://${clickhouse.http}/`, { data: `${sql} FORMAT JSONEachRow` });
  expect(response.ok(), await response.text()).toBe(true);
  return JSON.parse((await response.text()).split('\n')[0]);
}

/** The span of the loaded events, so that the specs do not depend on when they were loaded. */
export async function eventsSpan(request: APIRequestContext): Promise<Span> {
  const row = await ask<Record<'from' | 'to', string>>(
    request,
    'SELECT toString(toUnixTimestamp64Milli(min(Timestamp))) AS from, toString(toUnixTimestamp64Milli(max(Timestamp)) + 1) AS to FROM network_events'
  );
  return { from: Number(row.from), to: Number(row.to) };
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `${name} is not set: host:port of the ClickHouse that holds the demo's events (go tool mage e2e sets it)`
    );
  }
  return value;
}
