import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { Alert, ClipboardButton, Text } from '@grafana/ui';

import { SourceTables as Named } from '../support/resources';

interface Props {
  source: Named;
  database: string;
  /** The table that holds the events. */
  events: string;
  /** The database's tables on the saved server, once they are known. */
  there?: string[];
}

/** The tables that a source needs, and how to make those that are missing. */
export function SourceTables({ source, database, events, there }: Props) {
  const tables = [events, ...source.tables];
  const missing = there ? tables.filter((table) => !there.includes(table)) : [];
  if (missing.length === 0) {
    return (
      <Text element="p" color="secondary">
        {there
          ? t('config.source.found', 'In {{database}} are: {{tables}}.', plain(database, tables))
          : t('config.source.needs', 'It needs in {{database}}: {{tables}}.', plain(database, tables))}
      </Text>
    );
  }
  const command = `fluxhound schema apply --settings FILE --source ${source.name}`;
  return (
    <Alert
      severity="info"
      title={t('config.source.missing', 'Not seen in {{database}}: {{tables}}', plain(database, missing))}
    >
      <p>
        <Trans i18nKey="config.source.make">
          This creates what is not there; FILE holds these settings, of a user who may create tables. Where it is there,
          let the user see it: GRANT SHOW TABLES.
        </Trans>
      </p>
      <code>{command}</code>{' '}
      <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => command}>
        <Trans i18nKey="config.source.copy">Copy the command</Trans>
      </ClipboardButton>
    </Alert>
  );
}

function plain(database: string, tables: string[]) {
  return { database, tables: tables.join(', '), interpolation: { escapeValue: false } };
}
