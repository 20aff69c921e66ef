import { DataFrame, DataQueryRequest, FieldType, SupplementaryQueryType } from '@grafana/data';

import { FluxhoundQuery } from '../types';

const REF_ID_PREFIX = 'log-volume-';

/** Is the query one whose answer is log lines? The events' default format is logs. */
export function isLogs(query: FluxhoundQuery): boolean {
  return query.queryType === 'events' && (query.format === undefined || query.format === 'logs');
}

/** The query behind the histogram above the log lines: the same events, counted by interval. */
export function volumeQuery(query: FluxhoundQuery): FluxhoundQuery | undefined {
  if (!isLogs(query) || query.hide) {
    return undefined;
  }
  const { limit: _, params: __, ...rest } = query; // a limit on rows would cut series
  return { ...rest, refId: `${REF_ID_PREFIX}${query.refId}`, format: 'timeseries' };
}

export function volumeRequest(
  type: SupplementaryQueryType,
  request: DataQueryRequest<FluxhoundQuery>
): DataQueryRequest<FluxhoundQuery> | undefined {
  if (type !== SupplementaryQueryType.LogsVolume) {
    return undefined;
  }
  const targets = request.targets.map(volumeQuery).filter((q): q is FluxhoundQuery => q !== undefined);
  return targets.length > 0 ? { ...request, targets } : undefined;
}

/**
 * Explore stacks and colours the histogram by the label `level`. The volume is counted by ActionType, whose level is
 * the one that the log lines have: a failed connection is a warning, all else information.
 */
export function withLevel(frame: DataFrame): DataFrame {
  if (!frame.refId?.startsWith(REF_ID_PREFIX)) {
    return frame;
  }
  const fields = frame.fields.map((field) =>
    field.type === FieldType.number
      ? { ...field, labels: { ...field.labels, level: levelOf(field.labels?.action ?? '') } }
      : field
  );
  return { ...frame, fields };
}

function levelOf(actionType: string): string {
  return actionType.endsWith('Failed') ? 'warning' : 'info';
}
