import React, { useCallback, useMemo } from 'react';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection, ConfigSubSection } from '@grafana/plugin-ui';
import { Combobox, Field, Text } from '@grafana/ui';

import { LoadProblem } from '../support/LoadProblem';
import { Resources } from '../support/resources';
import { useLoaded } from '../support/useLoaded';
import { ColumnMapping } from './ColumnMapping';
import { SectionProps } from './ConfigEditor';
import { DEFAULTS } from './defaults';
import { InternalNetworks } from './InternalNetworks';
import { savedResources } from './savedResources';
import { SourcePicker } from './SourcePicker';

interface Props extends SectionProps {
  uid: string;
  /** Goes up when the settings are saved: what the server has is then read anew. */
  version?: number;
}

/** Which table holds the events, and how its columns map to the ones that detectors read. */
export function TableSection({ settings, uid, version }: Props) {
  const { json, readOnly, set } = settings;
  // The back end is asked with the settings that are saved: a new version is a new question, and what is typed is none.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const isReady = useMemo(() => Boolean(json.host && uid), [uid, version]);
  const resources = useMemo(() => savedResources(uid), [uid]);
  const load = useCallback(
    async () => (isReady ? { tables: await resources.tables(), columns: await columnsOf(resources) } : undefined),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [resources, isReady, version]
  );
  const server = useLoaded(load);
  const databases = server.value?.tables.databases ?? [];
  const database = databases.find((d) => d.name === (json.database ?? DEFAULTS.database));
  const tables = database?.tables ?? [];
  const databaseProblem = databases.length > 0 && !database ? noDatabase() : undefined;
  const tableProblem = database && !tables.includes(json.table ?? DEFAULTS.table) ? noTable() : undefined;

  return (
    <ConfigSection title={t('config.table.title', 'Events table')}>
      {!isReady && (
        <Text color="secondary" element="p">
          <Trans i18nKey="config.table.first">
            Give the server and press Save & test: then the pickers below are filled.
          </Trans>
        </Text>
      )}
      {server.error && (
        <LoadProblem
          severity="warning"
          title={t('config.table.failed', 'The server’s tables could not be read; names can be typed all the same')}
          error={server.error}
          onRetry={server.retry}
        />
      )}
      <SourcePicker settings={settings} uid={uid} there={database?.tables ?? undefined} />
      <Field
        label={t('config.database.label', 'Database')}
        htmlFor="fluxhound-database"
        description={t('config.database.help', 'Default: default.')}
        invalid={Boolean(databaseProblem)}
        error={databaseProblem}
      >
        <Combobox
          id="fluxhound-database"
          width={40}
          disabled={readOnly}
          createCustomValue
          isClearable
          placeholder={DEFAULTS.database}
          options={databases.map((d) => ({ value: d.name, label: d.name }))}
          value={json.database ?? null}
          onChange={(option) => set({ database: option?.value })}
        />
      </Field>
      <Field
        label={t('config.table.label', 'Table')}
        htmlFor="fluxhound-table"
        description={t('config.table.help', 'A table or view with one row a network event. Default: network_events.')}
        invalid={Boolean(tableProblem)}
        error={tableProblem}
      >
        <Combobox
          id="fluxhound-table"
          width={40}
          disabled={readOnly}
          createCustomValue
          isClearable
          placeholder={DEFAULTS.table}
          options={tables.map((name) => ({ value: name, label: name }))}
          value={json.table ?? null}
          onChange={(option) => set({ table: option?.value })}
        />
      </Field>
      <InternalNetworks settings={settings} />
      <ConfigSubSection
        key={lacksRequired(server.value?.columns) ? 'open' : 'as-set'}
        title={t('config.columns.title', 'Columns')}
        description={t(
          'config.columns.help',
          'Where a column has another name in your table, choose it. A missing optional one only turns off what needs it.'
        )}
        isCollapsible
        isInitiallyOpen={Object.keys(json.columns ?? {}).length > 0 || Boolean(lacksRequired(server.value?.columns))}
      >
        <ColumnMapping settings={settings} table={server.value?.columns} />
      </ConfigSubSection>
    </ConfigSection>
  );
}

function noDatabase(): string {
  return t('config.database.missing', 'The saved server has no such database, or its user may not see it.');
}

function noTable(): string {
  return t('config.table.missing', 'The saved server has no such table there, or its user may not see it.');
}

type SavedColumns = Awaited<ReturnType<typeof columnsOf>>;

/** The table's columns; nothing while the table itself is missing, which Save & test says. */
async function columnsOf(resources: Resources) {
  return resources.columns().catch(() => undefined);
}

function lacksRequired(table: SavedColumns): boolean | undefined {
  return table?.columns.some((c) => c.required && !c.present);
}
