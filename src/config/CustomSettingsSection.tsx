import React, { useState } from 'react';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Button } from '@grafana/ui';

import { CustomSetting } from '../types';
import { SectionProps } from './ConfigEditor';
import { CustomSettingRow } from './CustomSettingRow';

/** The ClickHouse settings on which each statement's safety rests. They are the back end's list. */
export const RESERVED = [
  'readonly',
  'allow_ddl',
  'log_comment',
  'max_result_rows',
  'result_overflow_mode',
  'max_execution_time',
];

/** ClickHouse settings that every statement runs with. */
export function CustomSettingsSection({ settings }: SectionProps) {
  const saved = settings.json.customSettings ?? [];
  // A row without a name is kept here until it has one: the back end refuses it.
  const [rows, setRows] = useState<CustomSetting[]>(saved);
  const edit = (next: CustomSetting[]) => {
    setRows(next);
    const named = next.filter((row) => row.setting !== '');
    settings.set({ customSettings: named.length > 0 ? named : undefined });
  };
  return (
    <ConfigSection
      title={t('config.custom.title', 'Custom settings')}
      description={t('config.custom.help', 'ClickHouse settings that every statement runs with. Default: none.')}
      isCollapsible
      isInitiallyOpen={saved.length > 0}
    >
      {rows.map((row, i) => (
        <CustomSettingRow
          key={i}
          number={i + 1}
          row={row}
          problem={problemOf(rows, i)}
          readOnly={settings.readOnly}
          onChange={(changed) => edit(rows.map((other, j) => (j === i ? changed : other)))}
          onRemove={() => edit(rows.filter((_, j) => j !== i))}
        />
      ))}
      <Button
        size="sm"
        variant="secondary"
        icon="plus"
        disabled={settings.readOnly}
        onClick={() => setRows([...rows, { setting: '', value: '' }])}
      >
        <Trans i18nKey="config.custom.add">Add a setting</Trans>
      </Button>
    </ConfigSection>
  );
}

/** What is wrong with a row among the others. */
function problemOf(rows: CustomSetting[], index: number): string | undefined {
  const { setting: name, value } = rows[index];
  if (name === '') {
    return value ? t('config.custom.nameless', 'Give its name: a value without one is not saved.') : undefined;
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return t('config.custom.invalid', 'A setting’s name has only letters, digits and _.');
  }
  if (RESERVED.includes(name)) {
    return t('config.custom.reserved', 'The plugin sets this itself; see Limits.');
  }
  if (rows.slice(0, index).some((other) => other.setting === name)) {
    return t('config.custom.twice', 'It is set above already. Only the last of them holds.');
  }
  return undefined;
}
