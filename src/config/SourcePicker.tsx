import React, { useCallback, useMemo } from 'react';
import { t } from '@grafana/i18n';
import { Combobox, Field } from '@grafana/ui';

import { LoadProblem } from '../support/LoadProblem';
import { SourceTables as Named } from '../support/resources';
import { useLoaded } from '../support/useLoaded';
import { SectionProps } from './ConfigEditor';
import { DEFAULTS } from './defaults';
import { savedResources } from './savedResources';
import { SourceTables } from './SourceTables';

interface Props extends SectionProps {
  uid: string;
  /** The tables of the chosen database on the saved server, once they are known. */
  there?: string[];
}

/** Whose events these are: a table of one's own, or a source that the plugin knows, which names the tables. */
export function SourcePicker({ settings, uid, there }: Props) {
  const { json, readOnly, set } = settings;
  const resources = useMemo(() => savedResources(uid), [uid]);
  // The list is part of the plugin: no server is asked, and none must be saved.
  const load = useCallback(async () => (uid ? (await resources.sources()).sources : []), [resources, uid]);
  const known = useLoaded(load);
  const sources = known.value ?? [];
  const chosen = sources.find((source) => source.name === json.source);
  const isUnknown = Boolean(json.source && known.value && !chosen);
  return (
    <>
      {known.error && (
        <LoadProblem
          severity="warning"
          title={t('config.source.failed', 'The sources could not be read; tables can be chosen all the same')}
          error={known.error}
          onRetry={known.retry}
        />
      )}
      <Field
        label={t('config.source.label', 'Source')}
        htmlFor="fluxhound-source"
        description={t(
          'config.source.help',
          'What wrote the logs that `fluxhound import` or a pipeline brings here: it names the tables. Default: a table of your own.'
        )}
        invalid={isUnknown}
        error={isUnknown ? unknown(json.source ?? '') : undefined}
      >
        <Combobox
          id="fluxhound-source"
          width={40}
          disabled={readOnly || known.loading}
          options={options(sources, json.source)}
          value={json.source ?? ''}
          onChange={({ value }) => set(changes(sources.find((source) => source.name === value)))}
        />
      </Field>
      {chosen && (
        <SourceTables
          source={chosen}
          database={json.database ?? DEFAULTS.database}
          events={json.table ?? DEFAULTS.table}
          there={there}
        />
      )}
    </>
  );
}

/** What choosing a source changes: its tables have the canonical columns. Without one, the table stays. */
function changes(source?: Named) {
  return source
    ? { source: source.name, table: source.table === DEFAULTS.table ? undefined : source.table, columns: undefined }
    : { source: undefined };
}

function options(sources: Named[], current = '') {
  const listed = sources.map(({ name, help, view }) => ({
    value: name,
    label: name,
    description: view ? t('config.source.view', 'Its own tables, read where they are') : help,
  }));
  const stored = current !== '' && !sources.some((source) => source.name === current);
  return [
    { value: '', label: t('config.source.own', 'A table of your own') },
    ...listed,
    ...(stored ? [{ value: current, label: current }] : []),
  ];
}

function unknown(source: string): string {
  return t('config.source.unknown', 'There is no source “{{source}}”: choose one, or a table of your own.', {
    source,
    interpolation: { escapeValue: false },
  });
}
