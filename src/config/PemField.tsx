import React from 'react';
import { Field, SecretTextArea } from '@grafana/ui';

import { checkPem } from './checks';
import { SectionProps } from './ConfigEditor';
import { SecretName } from './settings';

interface Props extends SectionProps {
  name: SecretName;
  label: string;
  help: string;
  /** The word in the PEM block's first line. */
  kind: 'CERTIFICATE' | 'PRIVATE KEY';
  /** Says that it must be given now, where it is not. */
  missing?: string;
}

/** A certificate or key in PEM; a stored one is not shown. */
export function PemField({ settings, name, label, help, kind, missing }: Props) {
  const value = settings.secret(name);
  const firstLine = `-----BEGIN ${kind}-----`;
  const problem = checkPem(value, kind) ?? missing;
  return (
    <Field label={label} description={help} required invalid={Boolean(problem)} error={problem}>
      <SecretTextArea
        id={`fluxhound-${name}`}
        cols={64}
        rows={6}
        disabled={settings.readOnly}
        placeholder={firstLine}
        isConfigured={settings.isSecretSet(name)}
        value={value}
        onChange={(event) => settings.setSecret(name, event.currentTarget.value)}
        onReset={() => settings.resetSecret(name)}
      />
    </Field>
  );
}
