import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button } from '@grafana/ui';

interface Props {
  names: string[];
  onRemove: () => void;
}

/** Says that the query carries fields which change nothing: somebody may have meant something by them. */
export function UnreadFields({ names, onRemove }: Props) {
  const list = names.join(', ');
  return (
    <Alert severity="warning" title={t('query.unread.title', 'Fields that are not read')}>
      <p>
        <Trans i18nKey="query.unread.text">
          The query carries {{ list }}, which belong to another data source or are mistyped. What is asked here stands
          in queryType, format, params, filters, limit and allowlist.
        </Trans>
      </p>
      <Button size="sm" variant="secondary" onClick={onRemove}>
        <Trans i18nKey="query.unread.remove">Remove them</Trans>
      </Button>
    </Alert>
  );
}
