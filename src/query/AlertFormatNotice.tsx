import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button } from '@grafana/ui';

import { QueryTypeSpec } from '../catalog';
import { FluxhoundQuery } from '../types';
import { formatLabel } from './formats';

interface Props {
  query: FluxhoundQuery;
  spec: QueryTypeSpec;
  onEdit: (query: FluxhoundQuery) => void;
}

/** Says, in an alert rule, why a format other than numeric does not do, and offers the one that does. */
export function AlertFormatNotice({ query, spec, onEdit }: Props) {
  const format = query.format ?? spec.formats[0];
  if (format === 'numeric') {
    return null;
  }
  const name = formatLabel(format);
  return (
    <Alert
      severity={format === 'timeseries' ? 'warning' : 'error'}
      title={t('query.alerting.title', 'An alert rule needs the format Numeric')}
    >
      <p>
        {format === 'timeseries' ? (
          <Trans i18nKey="query.alerting.timeseries">
            Time series have gaps, and need a Reduce expression before a threshold. Numeric gives one number a finding,
            with labels that stay the same from one evaluation to the next.
          </Trans>
        ) : (
          <Trans i18nKey="query.alerting.other">
            Grafana cannot compare {{ name }} with a threshold: the rule would fail. Numeric gives one number a finding.
          </Trans>
        )}
      </p>
      {spec.formats.includes('numeric') ? (
        <Button size="sm" variant="secondary" onClick={() => onEdit({ ...query, format: 'numeric' })}>
          <Trans i18nKey="query.alerting.use-numeric">Use Numeric</Trans>
        </Button>
      ) : (
        <Trans i18nKey="query.alerting.choose">Choose a detector: events alone are no finding.</Trans>
      )}
    </Alert>
  );
}
