import React, { useCallback, useState } from 'react';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Button } from '@grafana/ui';

import { useLoaded } from '../support/useLoaded';
import { AllowlistEntry } from '../types';
import { AllowlistEntryRow } from './AllowlistEntryRow';
import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';
import { NameField } from './NameField';
import { savedResources } from './savedResources';

/** Findings that are known and harmless, and that no query shows unless it ignores the allowlist. */
export function AllowlistSection({ settings }: SectionProps) {
  const entries = settings.json.allowlist ?? [];
  // A row without any field is kept here until it has one.
  const [rows, setRows] = useState<AllowlistEntry[]>(entries);
  const [now] = useState(() => Date.now());
  const isEdited = rows.length > 0;
  const load = useCallback(async () => (isEdited ? detectorsOf(settings.uid) : undefined), [settings.uid, isEdited]);
  // Where they cannot be had any name is taken: Save & test knows better.
  const detectors = useLoaded(load).value;
  const edit = (next: AllowlistEntry[]) => {
    setRows(next);
    const begun = next.filter((row) => Object.keys(row).length > 0);
    settings.set({ allowlist: begun.length > 0 ? begun : undefined });
  };
  return (
    <ConfigSection
      title={t('config.allowlist.title', 'Allowlist')}
      description={t(
        'config.allowlist.help',
        'Findings that are known and harmless. An entry hides a finding only where all its fields fit every connection of it; an entry that is not valid or has expired hides nothing. Default: none.'
      )}
      isCollapsible
      isInitiallyOpen={entries.length > 0 || Boolean(settings.json.allowlistTable)}
    >
      {rows.map((row, i) => (
        <AllowlistEntryRow
          key={i}
          number={i + 1}
          entry={row}
          now={now}
          readOnly={settings.readOnly}
          detectors={detectors}
          onChange={(entry) => edit(rows.map((other, j) => (j === i ? entry : other)))}
          onRemove={() => edit(rows.filter((_, j) => j !== i))}
        />
      ))}
      <Button
        size="sm"
        variant="secondary"
        icon="plus"
        disabled={settings.readOnly}
        onClick={() => setRows([...rows, {}])}
      >
        <Trans i18nKey="config.allowlist.add">Add an entry</Trans>
      </Button>
      <NameField
        id="fluxhound-allowlist-table"
        label={t('config.allowlist.table', 'Table of entries')}
        description={t(
          'config.allowlist.table-help',
          'A table of the database with many entries, which the plugin only reads. `fluxhound schema print --allowlist` prints its definition. Default: none.'
        )}
        example={EXAMPLES.allowlistTable}
        value={settings.json.allowlistTable}
        readOnly={settings.readOnly}
        onChange={(name) => settings.set({ allowlistTable: name })}
      />
    </ConfigSection>
  );
}

/** The names of the detectors whose findings an entry may hide. */
async function detectorsOf(uid: string): Promise<string[]> {
  const { detectors } = await savedResources(uid).detectors();
  return detectors.filter((d) => d.kind === 'detector').map((d) => d.name);
}
