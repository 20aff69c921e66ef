import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button } from '@grafana/ui';

import { ResourceError } from './resources';

interface Props {
  title: string;
  error: Error;
  severity?: 'error' | 'warning';
  onRetry: () => void;
}

/** Says what could not be read from the back end, what to do about it, and offers another try. */
export function LoadProblem({ title, error, severity = 'error', onRetry }: Props) {
  const hint = error instanceof ResourceError ? error.hint : undefined;
  return (
    <Alert severity={severity} title={title}>
      <p>{error.message}</p>
      {hint && <p>{hint}</p>}
      <Button
        size="sm"
        variant="secondary"
        icon="sync"
        onClick={onRetry}
        aria-label={t('load.retry-label', 'Try again')}
      >
        <Trans i18nKey="load.retry">Try again</Trans>
      </Button>
    </Alert>
  );
}
