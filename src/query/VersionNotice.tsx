import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { Alert } from '@grafana/ui';

import { VersionProblem } from './migrate';

/** Says that a query was saved in a shape that this plugin does not know. The query stays as it is. */
export function VersionNotice({ problem }: { problem: VersionProblem }) {
  const version = String(problem.version);
  return (
    <Alert severity="error" title={t('query.version.title', 'This query cannot be read')}>
      {problem.kind === 'newer' ? (
        <Trans i18nKey="query.version.newer">
          It was saved by a newer version of the plugin (query version {{ version }}). Update the plugin to edit and run
          it; it is left as it is.
        </Trans>
      ) : (
        <Trans i18nKey="query.version.unknown">
          Its version {{ version }} is unknown. Set it to 1 in the JSON model, or make a new query; it is left as it is.
        </Trans>
      )}
    </Alert>
  );
}
