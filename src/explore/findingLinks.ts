import { DataFrame, DataFrameType, DataLink, Field, InterpolateFunction } from '@grafana/data';
import { t } from '@grafana/i18n';

import { Catalog, findByAlertType, findQueryType, findsSomething, Lead, QueryTypeSpec } from '../catalog';
import { parseAddress } from '../query/addresses';
import { Filter, FluxhoundQuery } from '../types';
import { casesUrl, deviceUrl, eventsUrl, exploreUrl, Span } from './urls';

const HOUR_MS = 60 * 60 * 1000;

/** The fields whose cells lead to the events behind the finding. */
const EVENT_FIELDS = ['AlertType', 'DeviceName', 'RemoteIP', 'RemoteUrl'];

/** What a link needs beside its row. */
export interface Source {
  datasourceUid: string;
  /** May the viewer open Explore? */
  explore: boolean;
  query: FluxhoundQuery | undefined;
  catalog: Catalog;
}

/** Reads a field's value in the row whose link was opened. */
type Row = (field: string) => string;

/**
 * Adds links to what a query found: from each finding to the events behind it, and from its device to the investigation
 * dashboard; from groups of events and from series to theirs. The URL is built when a link is opened, with the row's own values
 * and time span.
 */
export function withFindingLinks(frame: DataFrame, source: Source): DataFrame {
  const spec = findQueryType(source.catalog, frame.meta?.custom?.queryType);
  if (spec?.kind === 'events') {
    return withGroupLinks(frame, source);
  }
  if (spec?.kind === 'detector' && frame.meta?.type === DataFrameType.TimeSeriesMulti) {
    return withSeriesLinks(frame, spec, source);
  }
  // A summary's rows are no findings: they count them.
  const findings = !frame.fields.some((f) => f.name === 'Findings');
  if (!spec || !findsSomething(spec) || frame.meta?.preferredVisualisationType !== 'table' || !findings) {
    return frame;
  }
  return linked(frame, (field) => linksOf(field, frame, spec, source));
}

/** Adds links to groups of events: from each to its events. They meet what the query asks, and have the group's values. */
function withGroupLinks(frame: DataFrame, source: Source): DataFrame {
  const { groupBy } = source.query?.params ?? {};
  if (!Array.isArray(groupBy) || groupBy.length === 0) {
    return frame;
  }
  const columns = groupBy.map(String);
  const link = eventsLink((row) => {
    const group = columns.filter((column) => isThere(row, column));
    const asked = (source.query?.filters ?? []).filter((f) => !(group.includes(f.column) && f.operator === '='));
    return urlOfEvents([...asked, ...group.map((column) => sameValue(column, row(column)))], windowOf(frame), source);
  });
  return linked(frame, (field) => (columns.includes(field.name) ? [link] : []));
}

/** Adds a link to each series of a detector's findings: to the events of the finding that its labels name. */
function withSeriesLinks(frame: DataFrame, spec: QueryTypeSpec, source: Source): DataFrame {
  return linked(frame, ({ labels = {} }) => {
    const row: Row = (name) => {
      const [column, part] = name.split(':');
      const value = labels[spec.labels.find((l) => l.column === column)?.name ?? ''];
      return value === undefined ? '' : part === 'numeric' ? String(Number(value)) : value;
    };
    const { filters } = findingOf(row, frame, spec, source);
    return filters.length > 0 ? [eventsLink(() => urlOfEvents(filters, windowOf(frame), source))] : [];
  });
}

/** Adds links to fields, behind those that they have. */
function linked(frame: DataFrame, linksOf: (field: Field) => DataLink[]): DataFrame {
  const fields = frame.fields.map((field) => {
    const links = linksOf(field);
    return links.length > 0
      ? { ...field, config: { ...field.config, links: [...(field.config.links ?? []), ...links] } }
      : field;
  });
  return { ...frame, fields };
}

function linksOf(field: Field, frame: DataFrame, spec: QueryTypeSpec, source: Source): DataLink[] {
  const links: DataLink[] = [];
  if (field.name === 'DeviceName') {
    links.push(
      link(t('explore.links.device', 'Investigate the device'), (row) => {
        const finding = findingOf(row, frame, spec, source);
        if (
          isThere(row, 'DeviceName') &&
          (!finding.detector || identifies(finding.detector, 'DeviceName', source.query))
        ) {
          return deviceUrl(source.datasourceUid, row('DeviceName'), finding.span);
        }
        return eventsOf(finding, source); // it spans devices
      })
    );
  }
  if (EVENT_FIELDS.includes(field.name)) {
    links.push(eventsLink((row) => eventsOf(findingOf(row, frame, spec, source), source)));
  }
  return links;
}

/** One finding: the conditions that its events meet, and their time span. */
interface Finding {
  detector: QueryTypeSpec | undefined;
  filters: Filter[];
  span: Span;
  /** The query that shows this finding alone, and its window; where it has no key, nothing. */
  itself?: { query: FluxhoundQuery; span: Span };
}

function findingOf(row: Row, frame: DataFrame, spec: QueryTypeSpec, source: Source): Finding {
  const detector = spec.kind === 'detector' ? spec : findByAlertType(source.catalog, row('AlertType'));
  return {
    detector,
    filters: (detector ?? spec).labels
      .filter(({ column }) => isThere(row, column))
      .filter(({ column }) => !detector || identifies(detector, column, source.query))
      .map(({ column }) => condition(column, row(column), row, detector, source.query)),
    span: spanOf(row, frame, detector, source.query),
    itself: itselfOf(row('FindingKey'), frame, spec, source.query),
  };
}

/** Asks what the frame's query asks for the finding of one key, over the same time. */
function itselfOf(key: string, frame: DataFrame, spec: QueryTypeSpec, query?: FluxhoundQuery): Finding['itself'] {
  const span = windowOf(frame);
  if (key === '' || !Number.isFinite(span.from) || !Number.isFinite(span.to)) {
    return undefined;
  }
  const filter: Filter = { column: 'FindingKey', operator: '=', values: [key] };
  const filters = [...(query?.filters ?? []).filter((f) => f.column !== 'FindingKey'), filter];
  return { query: { ...query, refId: 'A', queryType: spec.name, format: 'table', filters }, span };
}

/** The longest value that a filter takes, in bytes: the back end's bound. */
const MAX_FILTER_BYTES = 4096;

/** Can a filter say the value? One that came with bytes that are no text holds the mark that JSON puts in their place. */
function isWritable(value: string): boolean {
  return !value.includes('\ufffd') && new TextEncoder().encode(value).length <= MAX_FILTER_BYTES;
}

/**
 * Is the column in the row whose link was opened? A panel may have dropped it, and a number that was worked out from many rows has
 * no row. A text that is there has a number, if only NaN; what is not there would become a condition on an empty value.
 */
function isThere(row: Row, column: string): boolean {
  return row(`${column}:numeric`) !== '';
}

/** The columns of a detector's labels hold for every event behind a finding, but for those that it says vary. */
function identifies(detector: QueryTypeSpec, column: string, query?: FluxhoundQuery): boolean {
  return detector.labels.some((l) => l.column === column) && !leads(detector, column, 'varies', query);
}

/** Does the detector say that a column leads to events in this way, with the query's parameters? */
function leads(detector: QueryTypeSpec, column: string, how: Lead['how'], query?: FluxhoundQuery): boolean {
  return detector.leads.some(
    (lead) =>
      lead.column === column &&
      lead.how === how &&
      (lead.param === undefined || (lead.values ?? []).includes(String(paramOf(detector, lead.param, query))))
  );
}

/** The value of a detector's parameter, which the union has under the detector's name. */
function paramOf(detector: QueryTypeSpec, name: string, query?: FluxhoundQuery): unknown {
  const own = query?.params?.[name] ?? query?.params?.[`${detector.name}.${name}`];
  return own ?? detector.params.find((p) => p.name === name)?.default;
}

function condition(
  column: string,
  value: string,
  row: Row,
  detector: QueryTypeSpec | undefined,
  query?: FluxhoundQuery
): Filter {
  if (detector && leads(detector, column, 'host', query)) {
    // Where no name is known the host is the finding's address, of which the events' text says nothing. A series does not tell the
    // finding's address. Any other host is a part of that text, which may be a URL.
    const isAddress = isThere(row, 'RemoteIP') ? value === row('RemoteIP') : parseAddress(value) !== undefined;
    return isAddress ? address(value) : { column, operator: 'contains', values: [value] };
  }
  return sameValue(column, value);
}

function sameValue(column: string, value: string): Filter {
  return column === 'RemoteIP' ? address(value) : { column, operator: '=', values: [value] };
}

/** The events of an address. An IPv6 address has many spellings; as a subnet of one it is compared as a number. */
function address(value: string): Filter {
  return value.includes(':')
    ? { column: 'RemoteIP', operator: 'inSubnet', values: [`${value}/128`] }
    : { column: 'RemoteIP', operator: '=', values: [value] };
}

/**
 * The time span of a finding's events, `[from, to)`: what the row says, or what follows from the detector. In the union
 * a row has only the last time; a detector without FirstSeen finds whole hours.
 */
function spanOf(row: Row, frame: DataFrame, detector?: QueryTypeSpec, query?: FluxhoundQuery): Span {
  const window = windowOf(frame);
  const at = instant(row, 'Timestamp');
  if (!Number.isFinite(at)) {
    return window;
  }
  const ofDevice = detector && identifies(detector, 'DeviceName', query);
  if (ofDevice && !detector.columns.some((c) => c.name === 'FirstSeen')) {
    return { from: at, to: at + HOUR_MS };
  }
  const last = isThere(row, 'LastSeen') ? instant(row, 'LastSeen') : at;
  const first = isThere(row, 'FirstSeen') ? instant(row, 'FirstSeen') : window.from;
  return { from: Number.isFinite(first) ? first : last - HOUR_MS, to: last + 1 };
}

/** The time that the query asked for. */
function windowOf(frame: DataFrame): Span {
  return { from: Date.parse(frame.meta?.custom?.from), to: Date.parse(frame.meta?.custom?.to) };
}

/** An instant of the row; NaN where it is not there. */
function instant(row: Row, field: string): number {
  return isThere(row, field) ? Number(row(`${field}:numeric`)) : NaN;
}

/** The events behind a finding; where no filter can say what they have in common, the finding itself. */
function eventsOf(finding: Finding, source: Source): string {
  if (finding.itself && !finding.filters.every((f) => f.values.every(isWritable))) {
    return source.explore
      ? exploreUrl(source.datasourceUid, finding.itself.query, finding.itself.span)
      : casesUrl(source.datasourceUid, finding.span);
  }
  return urlOfEvents(finding.filters, finding.span, source);
}

/** Events in Explore, or in their dashboard: to whom Grafana refuses Explore it would show its home page instead. */
function urlOfEvents(filters: Filter[], span: Span, source: Source): string {
  return source.explore
    ? exploreUrl(source.datasourceUid, { refId: 'A', queryType: 'events', format: 'logs', filters }, span)
    : eventsUrl(source.datasourceUid, filters, span);
}

function eventsLink(build: (row: Row) => string): DataLink {
  return link(t('explore.links.events', 'Show the events'), build);
}

function link(title: string, build: (row: Row) => string): DataLink {
  return {
    title,
    url: '',
    onBuildUrl: ({ replaceVariables }) => (replaceVariables ? build(rowReader(replaceVariables)) : ''),
  };
}

/** The links of a row: the title and URL of each that the row can fill, as its cells in a table have them. */
export function linksOfRow(frame: DataFrame, row: number): Array<{ title: string; url: string }> {
  const replaceVariables = variablesOfRow(frame, row);
  const urls = new Map<string, string>();
  for (const { title, onBuildUrl } of frame.fields.flatMap(({ config }) => config.links ?? [])) {
    const url = urls.has(title) ? undefined : onBuildUrl?.({ origin: frame, replaceVariables });
    if (url) {
      urls.set(title, url);
    }
  }
  return [...urls].map(([title, url]) => ({ title, url }));
}

/** Says of one row what `rowReader` asks, where Grafana hands over no function that does. */
function variablesOfRow(frame: DataFrame, row: number): InterpolateFunction {
  return (variable) => {
    const [, name, part] = /^\$\{__data\.fields\["(.*)"\]\.(text|numeric)\}$/.exec(variable) ?? [];
    const field = frame.fields.find((f) => f.name === name);
    const value: unknown = field?.values[row];
    if (!field) {
      return '';
    }
    return part === 'numeric' ? String(value === null ? NaN : Number(value)) : String(value ?? '');
  };
}

/** Grafana hands a link's builder no row, only a function that replaces variables with the row's values. */
function rowReader(replaceVariables: InterpolateFunction): Row {
  return (name) => {
    const [field, part = 'text'] = name.split(':');
    const variable = `\${__data.fields["${field}"].${part}}`;
    const value = replaceVariables(variable);
    return value === variable ? '' : value;
  };
}
