import React, { useCallback } from 'react';
import { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { LoadingPlaceholder } from '@grafana/ui';

import { FluxhoundDataSource } from '../datasource';
import { LoadProblem } from '../support/LoadProblem';
import { useLoaded } from '../support/useLoaded';
import { FluxhoundOptions, FluxhoundQuery } from '../types';
import { migrate } from './migrate';
import { ownFields } from './outgoing';
import { QueryForm } from './QueryForm';
import { unreadFields } from './unread';
import { UnreadFields } from './UnreadFields';
import { useDefaultQuery } from './useDefaultQuery';
import { VersionNotice } from './VersionNotice';

export type EditorProps = QueryEditorProps<FluxhoundDataSource, FluxhoundQuery, FluxhoundOptions>;

export interface QueryEditorOptions {
  /** The format is the caller's choice and not the user's, as for annotations. */
  fixedFormat?: FluxhoundQuery['format'];
}

/** The editor of one query, in panels, Explore, alert rules and annotations: it draws the form that the catalog says. */
export function QueryEditor({ fixedFormat, ...props }: EditorProps & QueryEditorOptions) {
  const { datasource, onChange, onRunQuery, app } = props;
  const saved = useDefaultQuery(props);
  const { query, problem } = migrate(saved);
  const load = useCallback(() => datasource.catalog.load(), [datasource]);
  const catalog = useLoaded(load);

  const onEdit = (edited: FluxhoundQuery) => {
    onChange(ownFields(edited));
    onRunQuery();
  };

  if (problem) {
    return <VersionNotice problem={problem} />;
  }
  if (catalog.error) {
    return (
      <LoadProblem
        title={t('query.catalog.failed', 'The detectors could not be read')}
        error={catalog.error}
        onRetry={catalog.retry}
      />
    );
  }
  if (!catalog.value) {
    return <LoadingPlaceholder text={t('query.catalog.loading', 'Reading the detectors…')} />;
  }
  const unread = unreadFields(saved);
  return (
    <>
      {unread.length > 0 && <UnreadFields names={unread} onRemove={() => onEdit(query)} />}
      <QueryForm
        query={query}
        catalog={catalog.value}
        datasource={datasource}
        app={app}
        data={props.data}
        range={props.range}
        fixedFormat={fixedFormat}
        onEdit={onEdit}
      />
    </>
  );
}
