import React from 'react';
import { t } from '@grafana/i18n';
import { Field, IconButton, Input, Stack } from '@grafana/ui';

import { CustomSetting } from '../types';
import { EXAMPLES } from './defaults';

interface Props {
  /** From 1, for the labels. */
  number: number;
  row: CustomSetting;
  problem?: string;
  readOnly: boolean;
  onChange: (row: CustomSetting) => void;
  onRemove: () => void;
}

/** One ClickHouse setting: its name and its value. */
export function CustomSettingRow({ number, row, problem, readOnly, onChange, onRemove }: Props) {
  return (
    <Stack direction="row" gap={1} alignItems="flex-start">
      <Field
        label={t('config.custom.name', 'Setting {{number}}', { number })}
        description={t('config.custom.name-help', 'As ClickHouse names it. Default: none.')}
        invalid={Boolean(problem)}
        error={problem}
      >
        <Input
          id={`fluxhound-custom-name-${number}`}
          width={40}
          disabled={readOnly}
          placeholder={EXAMPLES.setting}
          value={row.setting}
          onChange={(event) => onChange({ ...row, setting: event.currentTarget.value.trim() })}
        />
      </Field>
      <Field
        label={t('config.custom.value', 'Value {{number}}', { number })}
        description={t('config.custom.value-help', 'In the setting’s own unit. Default: what the user’s profile says.')}
      >
        <Input
          id={`fluxhound-custom-value-${number}`}
          width={30}
          disabled={readOnly}
          placeholder={EXAMPLES.settingValue}
          value={row.value}
          onChange={(event) => onChange({ ...row, value: event.currentTarget.value })}
        />
      </Field>
      <IconButton
        name="trash-alt"
        disabled={readOnly}
        tooltip={t('config.custom.remove', 'Remove setting {{number}}', { number })}
        onClick={onRemove}
      />
    </Stack>
  );
}
