import React from 'react';
import { css } from '@emotion/css';
import { GrafanaTheme2, PanelData } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { ClipboardButton, useStyles2 } from '@grafana/ui';

import { Fold } from '../support/Fold';

interface Props {
  data?: PanelData;
  refId: string;
}

/** The SQL that the last run of the query sent to ClickHouse, with its parameters. */
export function WhatRuns({ data, refId }: Props) {
  const styles = useStyles2(getStyles);
  const sql = executed(data, refId);
  return (
    <Fold label={t('query.sql.label', 'What runs')}>
      {sql ? (
        <>
          {/* It may scroll, which the keyboard can do only where the focus is. */}
          <pre
            className={styles.sql}
            data-testid="fluxhound-sql"
            role="region"
            aria-label={t('query.sql.text', 'The SQL')}
            tabIndex={0}
          >
            {sql}
          </pre>
          <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => sql}>
            <Trans i18nKey="query.sql.copy">Copy the SQL</Trans>
          </ClipboardButton>
        </>
      ) : (
        <Trans i18nKey="query.sql.none">Run the query to see its SQL.</Trans>
      )}
    </Fold>
  );
}

function executed(data: PanelData | undefined, refId: string): string | undefined {
  return data?.series.find((f) => (!f.refId || f.refId === refId) && f.meta?.executedQueryString)?.meta
    ?.executedQueryString;
}

const getStyles = (theme: GrafanaTheme2) => ({
  sql: css({
    ...theme.typography.bodySmall,
    fontFamily: theme.typography.fontFamilyMonospace,
    maxHeight: 400,
    overflow: 'auto',
  }),
});
