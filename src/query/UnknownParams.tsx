import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button } from '@grafana/ui';

import { FluxhoundQuery } from '../types';

interface Props {
  names: string[];
  query: FluxhoundQuery;
  onEdit: (query: FluxhoundQuery) => void;
}

/** Says that the query sets parameters which its detector does not have; the back end refuses such a query. */
export function UnknownParams({ names, query, onEdit }: Props) {
  const list = names.join(', ');
  const remove = () => {
    const params = { ...query.params };
    names.forEach((name) => delete params[name]);
    const { params: _, ...rest } = query;
    onEdit(Object.keys(params).length > 0 ? { ...rest, params } : rest);
  };
  return (
    <Alert severity="error" title={t('query.params.unknown-title', 'Unknown parameters')}>
      <p>
        <Trans i18nKey="query.params.unknown">
          The query sets {{ list }}, which this detector does not have. It may have been saved by another version of the
          plugin.
        </Trans>
      </p>
      <Button size="sm" variant="secondary" onClick={remove}>
        <Trans i18nKey="query.params.unknown-remove">Remove them</Trans>
      </Button>
    </Alert>
  );
}
