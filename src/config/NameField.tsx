import React from 'react';
import { Field, Input } from '@grafana/ui';

interface NameFieldProps {
  id: string;
  label: string;
  description: string;
  /** What a name may be, shown while there is none. */
  example: string;
  value?: string;
  readOnly: boolean;
  onChange: (name: string) => void;
}

/** The name of a table or dictionary, which may be left out. */
export function NameField({ id, label, description, example, value, readOnly, onChange }: NameFieldProps) {
  return (
    <Field label={label} htmlFor={id} description={description}>
      <Input
        id={id}
        width={40}
        disabled={readOnly}
        placeholder={example}
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value.trim())}
      />
    </Field>
  );
}
