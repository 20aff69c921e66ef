import React from 'react';
import { TimeRange } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert } from '@grafana/ui';

import { isShort } from './shortRange';

/**
 * Says, in an alert rule, that the rule looks back too short a time for a detector. Grafana gives a new rule ten minutes,
 * in which no beacon can show, and a data source cannot change that.
 */
export function AlertRangeNotice({ range }: { range?: TimeRange }) {
  if (!isShort(range)) {
    return null;
  }
  return (
    <Alert severity="warning" title={t('query.alerting.range-title', 'The rule looks back less than a day')}>
      <Trans i18nKey="query.alerting.range">
        Detectors look for what repeats over hours and days; the analytic looks back 7 days. Set the time range under
        Options above to “Last 7 days”, or the rule may never find anything.
      </Trans>
    </Alert>
  );
}
