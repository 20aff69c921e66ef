import React, { useState } from 'react';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Button, Field, IconButton, Input, Stack } from '@grafana/ui';

import { CustomSetting } from '../types';
import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';

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
        <Stack key={i} direction="row" gap={1} alignItems="flex-start">
          <Field
            label={t('config.custom.name', 'Setting {{number}}', { number: i + 1 })}
            invalid={Boolean(problemOf(row.setting))}
            error={problemOf(row.setting)}
          >
            <Input
              id={`fluxhound-custom-name-${i}`}
              width={40}
              disabled={settings.readOnly}
              placeholder={EXAMPLES.setting}
              value={row.setting}
              onChange={(event) => edit(replaced(rows, i, { ...row, setting: event.currentTarget.value.trim() }))}
            />
          </Field>
          <Field label={t('config.custom.value', 'Value {{number}}', { number: i + 1 })}>
            <Input
              id={`fluxhound-custom-value-${i}`}
              width={30}
              disabled={settings.readOnly}
              value={row.value}
              onChange={(event) => edit(replaced(rows, i, { ...row, value: event.currentTarget.value }))}
            />
          </Field>
          <IconButton
            name="trash-alt"
            disabled={settings.readOnly}
            tooltip={t('config.custom.remove', 'Remove setting {{number}}', { number: i + 1 })}
            onClick={() => edit(rows.filter((_, j) => j !== i))}
          />
        </Stack>
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

function replaced(rows: CustomSetting[], index: number, row: CustomSetting): CustomSetting[] {
  return rows.map((other, i) => (i === index ? row : other));
}

function problemOf(name: string): string | undefined {
  if (name !== '' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return t('config.custom.invalid', 'A setting’s name has only letters, digits and _.');
  }
  if (RESERVED.includes(name)) {
    return t('config.custom.reserved', 'The plugin sets this itself; see Limits.');
  }
  return undefined;
}
