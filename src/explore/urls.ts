import { Filter, FluxhoundQuery } from '../types';

/** A half-open time span in epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** The investigation dashboard, which comes with the plugin. */
const DEVICE_DASHBOARD = 'fluxhound-device';

/** The dashboard of cases, each of one device at one destination. It comes with the plugin. */
const CASES_DASHBOARD = 'fluxhound-cases';

/** The dashboard of events, which shows what Explore does to whom Grafana refuses Explore. It comes with the plugin. */
const EVENTS_DASHBOARD = 'fluxhound-events';

const HOUR_MS = 60 * 60 * 1000;

/** Explore with one query, over a span or a range in Grafana's words. Everything in the query is encoded, so that no value can become a variable or a parameter. */
export function exploreUrl(
  datasourceUid: string,
  query: FluxhoundQuery,
  span: Span | { from: string; to: string }
): string {
  const pane = {
    datasource: datasourceUid,
    queries: [{ ...query, datasource: { type: 'fluxhound-detections-datasource', uid: datasourceUid } }],
    range: { from: String(span.from), to: String(span.to) },
  };
  return `/explore?schemaVersion=1&panes=${encode(JSON.stringify({ finding: pane }))}`;
}

/** The investigation dashboard of one device, with an hour on either side of the span. */
export function deviceUrl(datasourceUid: string, device: string, span: Span): string {
  const variables = `var-datasource=${encode(datasourceUid)}&var-device=${encode(device)}`;
  return `/d/${DEVICE_DASHBOARD}?${variables}&from=${span.from - HOUR_MS}&to=${span.to + HOUR_MS}`;
}

/** The cases of a span, with an hour on either side: there each device has a row of its own. */
export function casesUrl(datasourceUid: string, span: Span): string {
  return `/d/${CASES_DASHBOARD}?var-datasource=${encode(datasourceUid)}&from=${span.from - HOUR_MS}&to=${span.to + HOUR_MS}`;
}

/** The dashboard of events with these conditions, over a span. */
export function eventsUrl(datasourceUid: string, filters: Filter[], span: Span): string {
  const conditions = filters.map((filter) => `&var-filters=${encode(adHocText(filter))}`).join('');
  return `/d/${EVENTS_DASHBOARD}?var-datasource=${encode(datasourceUid)}${conditions}&from=${span.from}&to=${span.to}`;
}

/**
 * A condition as a dashboard's URL writes an ad hoc filter, in the words that `adHocFilters` reads. Grafana drops one without a
 * value, so that an empty one is a pattern.
 */
function adHocText({ column, operator, values }: Filter): string {
  const [value = ''] = values;
  const written = (word: string, ...texts: string[]) => [column, word, ...texts].map(escapeDelimiters).join('|');
  switch (operator) {
    case 'in':
      return written('=|', ...values);
    case 'notIn':
      return written('!=|', ...values);
    case 'contains':
      return written('=~', `.*${asPattern(value)}.*`);
    case 'startsWith':
      return written('=~', `${asPattern(value)}.*`);
    case 'endsWith':
      return written('=~', `.*${asPattern(value)}`);
    case '!=':
      return value === '' ? written('!~', '^$') : written('!=', value);
    default: // a subnet is written as one
      return value === '' ? written('=~', '^$') : written('=', value);
  }
}

function asPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Grafana's own marks for what delimits the parts of a filter. */
function escapeDelimiters(text: string): string {
  return text.replace(/\|/g, '__gfp__').replace(/#/g, '__gfh__').replace(/,/g, '__gfc__');
}

/** Grafana replaces variables in a link once more after it was built: what could start one is encoded too. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
