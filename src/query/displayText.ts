import { t } from '@grafana/i18n';

import { Catalog, findQueryType, ParamSpec } from '../catalog';
import { FluxhoundQuery, ParamValue } from '../types';
import { formatLabel } from './formats';

/** The query in one line, for the query history: what is asked, in which form, and what differs from the defaults. */
export function queryDisplayText(query: FluxhoundQuery, catalog?: Catalog): string {
  const spec = findQueryType(catalog, query.queryType);
  const head = spec?.label ?? query.queryType ?? '';
  const parts = [
    query.format ? `${head} (${formatLabel(query.format).toLowerCase()})` : head,
    ...Object.entries(query.params ?? {}).map(([name, value]) => paramText(name, value, spec?.params)),
    ...(query.filters ?? []).map((f) => `${f.column} ${f.operator} ${f.values.join(', ')}`),
    limitText(query, catalog),
    query.allowlist === 'ignore' ? t('query.history.allowlist', 'allowlist ignored') : '',
  ];
  return parts.filter(Boolean).join(' · ');
}

function limitText({ limit }: FluxhoundQuery, catalog?: Catalog): string {
  const byDefault = catalog && Math.min(catalog.defaults.limit, catalog.defaults.rowLimit);
  return limit === undefined || limit === byDefault ? '' : t('query.history.limit', 'limit {{limit}}', { limit });
}

function paramText(name: string, value: ParamValue, specs: ParamSpec[] = []): string {
  const spec = specs.find((s) => s.name === name);
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return `${spec?.label ?? name}: ${text}${spec?.unit ? ` ${spec.unit}` : ''}`;
}
