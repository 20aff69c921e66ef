import {
  AnnotationEvent,
  AnnotationQuery,
  AnnotationSupport,
  DataFrame,
  Field,
  FieldType,
  locationUtil,
  textUtil,
} from '@grafana/data';
import { Observable, of } from 'rxjs';

import { linksOfRow } from '../explore/findingLinks';
import { migrate } from '../query/migrate';
import { FluxhoundQuery } from '../types';
import { AnnotationQueryEditor } from './AnnotationQueryEditor';

/** Findings as annotations: a mark at the finding's time, or a region where the finding says when it began. */
export const annotationSupport: AnnotationSupport<FluxhoundQuery> = {
  QueryEditor: AnnotationQueryEditor,

  getDefaultQuery: () => ({ queryType: 'alerts', format: 'table' }),

  prepareQuery(annotation: AnnotationQuery<FluxhoundQuery>): FluxhoundQuery | undefined {
    const target = annotation.target;
    return target?.queryType ? { ...migrate(target).query, format: 'table' } : undefined;
  },

  processEvents(_: AnnotationQuery<FluxhoundQuery>, frames: DataFrame[]): Observable<AnnotationEvent[]> {
    return of(frames.flatMap(eventsOf));
  },
};

function eventsOf(frame: DataFrame): AnnotationEvent[] {
  const time = frame.fields.find((f) => f.name === 'Timestamp' && f.type === FieldType.time);
  if (!time) {
    return [];
  }
  return time.values.map((at: number, row: number) => {
    const text = (name: string) => cell(frame, name, row);
    const [from, to] = [cell(frame, 'FirstSeen', row), cell(frame, 'LastSeen', row)].map(Number);
    const isRegion = to > from && from > 0;
    return {
      time: isRegion ? from : at,
      ...(isRegion ? { timeEnd: to, isRegion } : {}),
      title: text('AlertType'),
      text: [textUtil.escapeHtml(sentence(text)), ...linksOfRow(frame, row).map(anchor)].join('<br />'),
      tags: ['AlertType', 'Severity', 'DeviceName', 'RemoteIP', 'RemoteUrl'].map(text).filter((tag) => tag !== ''),
    };
  });
}

/** A link in the mark's text, which Grafana shows as HTML after it has taken out what could run. */
function anchor({ title, url }: { title: string; url: string }): string {
  return `<a href="${textUtil.escapeHtml(locationUtil.assureBaseUrl(url))}">${textUtil.escapeHtml(title)}</a>`;
}

/** What was found, where the row says it: "WS-1 → c2.example (203.0.113.7), 42 connections, sh, curl". */
function sentence(text: (name: string) => string): string {
  const url = text('RemoteUrl');
  const ip = text('RemoteIP');
  const remote = url && ip ? `${url} (${ip})` : url || ip;
  const count = text('ConnectionCount');
  return [
    [text('DeviceName'), remote].filter(Boolean).join(' → '),
    count ? `${count} connections` : '',
    processes(text('SampleProcesses')),
  ]
    .filter(Boolean)
    .join(', ');
}

function processes(list: string): string {
  try {
    const names: unknown = JSON.parse(list);
    return Array.isArray(names) ? names.join(', ') : '';
  } catch {
    return '';
  }
}

function cell(frame: DataFrame, name: string, row: number): string {
  const field: Field | undefined = frame.fields.find((f) => f.name === name);
  const value: unknown = field?.values[row];
  if (value === undefined || value === null) {
    return '';
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
