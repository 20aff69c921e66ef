import React from 'react';
import { locationUtil, TimeRange } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, LinkButton } from '@grafana/ui';

import { exploreUrl } from '../explore/urls';
import { FluxhoundQuery } from '../types';
import { isShort } from './shortRange';

interface Props {
  query: FluxhoundQuery;
  datasourceUid: string;
  range?: TimeRange;
}

/**
 * Says, in Explore, that the time range is shorter than what detectors look for, and leads to the analytic's own. Grafana opens Explore with
 * the last hour, and a data source cannot change that.
 */
export function ExploreRangeNotice({ query, datasourceUid, range }: Props) {
  if (!isShort(range)) {
    return null;
  }
  return (
    <Alert severity="info" title={t('query.explore.range-title', 'This time range is shorter than a day')}>
      <p>
        <Trans i18nKey="query.explore.range">
          Most of what detectors look for repeats over hours and days: the analytic looks back 7 days. Little or nothing
          found in less is no sign that there is nothing.
        </Trans>
      </p>
      <LinkButton
        size="sm"
        variant="secondary"
        href={locationUtil.assureBaseUrl(exploreUrl(datasourceUid, query, { from: 'now-7d', to: 'now' }))}
      >
        <Trans i18nKey="query.explore.range-week">Look at the last 7 days</Trans>
      </LinkButton>
    </Alert>
  );
}
