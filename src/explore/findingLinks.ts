import { DataFrame, DataLink, Field, InterpolateFunction } from '@grafana/data';
import { t } from '@grafana/i18n';

import { Catalog, findByAlertType, findQueryType, QueryTypeSpec } from '../catalog';
import { Filter, FluxhoundQuery } from '../types';
import { deviceUrl, exploreUrl, Span } from './urls';

const HOUR_MS = 60 * 60 * 1000;

/** The fields whose cells lead to the events behind the finding. */
const EVENT_FIELDS = ['AlertType', 'DeviceName', 'RemoteIP', 'RemoteUrl'];

/** What a link needs beside its row. */
interface Source {
  datasourceUid: string;
  /** May the viewer open Explore? */
  explore: boolean;
  query: FluxhoundQuery | undefined;
  catalog: Catalog;
}

/** Reads a field's value in the row whose link was opened. */
type Row = (field: string) => string;

/**
 * Adds links to a table of findings: from each to the events behind it, and from its device to the investigation
 * dashboard. The URL is built when a link is opened, with the row's own values and time span.
 */
export function withFindingLinks(frame: DataFrame, source: Source): DataFrame {
  const spec = findQueryType(source.catalog, frame.meta?.custom?.queryType);
  if (!spec || spec.kind === 'events' || frame.meta?.preferredVisualisationType !== 'table') {
    return frame;
  }
  const fields = frame.fields.map((field) => {
    const links = linksOf(field, frame, spec, source);
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
        return finding.detector && !identifies(finding.detector, 'DeviceName', source.query)
          ? eventsOf(finding, source)
          : deviceUrl(source.datasourceUid, row('DeviceName'), finding.span);
      })
    );
  }
  if (EVENT_FIELDS.includes(field.name) && source.explore) {
    links.push(
      link(t('explore.links.events', 'Show the events'), (row) => eventsOf(findingOf(row, frame, spec, source), source))
    );
  }
  return links;
}

/** One finding: the conditions that its events meet, and their time span. */
interface Finding {
  detector: QueryTypeSpec | undefined;
  filters: Filter[];
  span: Span;
}

function findingOf(row: Row, frame: DataFrame, spec: QueryTypeSpec, source: Source): Finding {
  const detector = spec.kind === 'detector' ? spec : findByAlertType(source.catalog, row('AlertType'));
  return {
    detector,
    filters: (detector ?? spec).labels
      .filter(({ column }) => frame.fields.some((f) => f.name === column))
      .filter(({ column }) => !detector || identifies(detector, column, source.query))
      .map(({ column }) => condition(column, row(column), detector, source.query)),
    span: spanOf(row, frame, detector, source.query),
  };
}

/**
 * The columns that tell a detector's findings apart hold for every event behind the finding. They are its labels', of which
 * some go with one way of grouping only: a host may have many addresses and, where it is looked at over all devices, many
 * devices; and a device's hour has many names.
 */
function identifies(detector: QueryTypeSpec, column: string, query?: FluxhoundQuery): boolean {
  const overDevices = detector.params.some((p) => p.name === 'groupBy' && p.options?.includes('device'));
  const groupBy = groupingOf(detector, query);
  const varies =
    (groupBy === 'host' && column === 'RemoteIP') ||
    (groupBy === 'host' && overDevices && (column === 'DeviceName' || column === 'DeviceId')) ||
    (groupBy === 'device' && column === 'RemoteUrl');
  return !varies && detector.labels.some((l) => l.column === column);
}

/** The value of the detector's parameter groupBy, where it has one. */
function groupingOf(detector: QueryTypeSpec, query?: FluxhoundQuery): unknown {
  const own = query?.params?.groupBy ?? query?.params?.[`${detector.name}.groupBy`];
  return own ?? detector.params.find((p) => p.name === 'groupBy')?.default;
}

function condition(column: string, value: string, detector?: QueryTypeSpec, query?: FluxhoundQuery): Filter {
  if (column === 'RemoteIP' && value.includes(':')) {
    // An IPv6 address has many spellings; as a subnet of one it is compared as a number.
    return { column, operator: 'inSubnet', values: [`${value}/128`] };
  }
  const match = query?.params?.match ?? query?.params?.[`${detector?.name}.match`];
  const isHost = match === 'suffix' || (detector && groupingOf(detector, query) === 'host');
  if (column === 'RemoteUrl' && isHost) {
    // The finding's name is the host, the events' RemoteUrl may be a URL with that host in it.
    return { column, operator: 'contains', values: [value] };
  }
  return { column, operator: '=', values: [value] };
}

/**
 * The time span of a finding's events, `[from, to)`: what the row says, or what follows from the detector. In the union
 * a row has only the last time; a detector without FirstSeen finds whole hours.
 */
function spanOf(row: Row, frame: DataFrame, detector?: QueryTypeSpec, query?: FluxhoundQuery): Span {
  const at = instant(row, 'Timestamp');
  const hours = detector && groupingOf(detector, query) !== 'host';
  if (hours && !detector.columns.some((c) => c.name === 'FirstSeen')) {
    return { from: at, to: at + HOUR_MS };
  }
  const has = (name: string) => frame.fields.some((f) => f.name === name);
  const last = has('LastSeen') ? instant(row, 'LastSeen') : at;
  const first = has('FirstSeen') ? instant(row, 'FirstSeen') : Date.parse(frame.meta?.custom?.from);
  return { from: Number.isFinite(first) ? first : last - HOUR_MS, to: last + 1 };
}

function instant(row: Row, field: string): number {
  return Number(row(`${field}:numeric`));
}

function eventsOf(finding: Finding, source: Source): string {
  const query: FluxhoundQuery = { refId: 'A', queryType: 'events', format: 'logs', filters: finding.filters };
  return exploreUrl(source.datasourceUid, query, finding.span);
}

function link(title: string, build: (row: Row) => string): DataLink {
  return {
    title,
    url: '',
    onBuildUrl: ({ replaceVariables }) => (replaceVariables ? build(rowReader(replaceVariables)) : ''),
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
