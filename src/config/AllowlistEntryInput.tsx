import React from 'react';
import { t } from '@grafana/i18n';
import { Combobox, Input } from '@grafana/ui';

import { EntryField } from './allowlist';
import { EXAMPLES } from './defaults';

interface Props {
  id: string;
  field: EntryField;
  value: string;
  readOnly: boolean;
  /** What may stand as the detector; undefined as long as the plugin has not said. */
  detectors?: string[];
  /** Set by the field around it. */
  invalid?: boolean;
  onChange: (value: string) => void;
}

/** The control for one field of an entry: a picker for the detector, a text otherwise. */
export function AllowlistEntryInput({ id, field, value, readOnly, detectors, invalid, onChange }: Props) {
  if (field === 'detector') {
    return (
      <Combobox
        id={id}
        width={20}
        isClearable
        createCustomValue={!detectors}
        disabled={readOnly}
        invalid={invalid}
        placeholder={t('config.allowlist.all', 'all')}
        options={(detectors ?? []).map((name) => ({ value: name }))}
        value={value === '' ? null : value}
        onChange={(option) => onChange(option?.value ?? '')}
      />
    );
  }
  return (
    <Input
      id={id}
      width={field === 'reason' || field === 'domain' ? 30 : 20}
      disabled={readOnly}
      invalid={invalid}
      placeholder={EXAMPLES[field]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
