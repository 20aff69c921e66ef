import React from 'react';
import { t } from '@grafana/i18n';
import { Combobox, Input } from '@grafana/ui';

import { EntryField } from './allowlist';
import { DETECTORS, EXAMPLES } from './defaults';

interface Props {
  id: string;
  field: EntryField;
  value: string;
  readOnly: boolean;
  /** Set by the field around it. */
  invalid?: boolean;
  onChange: (value: string) => void;
}

/** The control for one field of an entry: a picker for the detector, a text otherwise. */
export function AllowlistEntryInput({ id, field, value, readOnly, invalid, onChange }: Props) {
  if (field === 'detector') {
    return (
      <Combobox
        id={id}
        width={20}
        isClearable
        disabled={readOnly}
        invalid={invalid}
        placeholder={t('config.allowlist.all', 'all')}
        options={DETECTORS.map((name) => ({ value: name }))}
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
