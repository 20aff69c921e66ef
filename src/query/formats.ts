import { t } from '@grafana/i18n';

import { Format } from '../types';

export function formatLabel(format: Format): string {
  switch (format) {
    case 'table':
      return t('query.format.table', 'Table');
    case 'timeseries':
      return t('query.format.timeseries', 'Time series');
    case 'numeric':
      return t('query.format.numeric', 'Numeric');
    case 'logs':
      return t('query.format.logs', 'Logs');
    case 'summary':
      return t('query.format.summary', 'Summary');
    default:
      return String(format);
  }
}

export function formatHelp(format: Format): string {
  switch (format) {
    case 'table':
      return t('query.format.table-help', 'One row a finding or event.');
    case 'timeseries':
      return t('query.format.timeseries-help', 'Values over time, a series for each set of labels.');
    case 'numeric':
      return t('query.format.numeric-help', 'One number a finding, for alert rules.');
    case 'logs':
      return t('query.format.logs-help', 'One log line an event.');
    case 'summary':
      return t('query.format.summary-help', 'Counted by ClickHouse: one row a detector, also where nothing is found.');
    default:
      return '';
  }
}
