import React from 'react';
import { t } from '@grafana/i18n';
import { Field, SecretTextArea } from '@grafana/ui';

import { SectionProps } from './ConfigEditor';
import { SecretName } from './settings';

interface Props extends SectionProps {
  name: SecretName;
  label: string;
  /** The word in the PEM block's first line. */
  kind: 'CERTIFICATE' | 'PRIVATE KEY';
}

/** A certificate or key in PEM; a stored one is not shown. */
export function PemField({ settings, name, label, kind }: Props) {
  const value = settings.secret(name);
  const firstLine = `-----BEGIN ${kind}-----`;
  const isWrong = value !== '' && !new RegExp(`^\\s*-----BEGIN [A-Z0-9 ]*${kind}-----`).test(value);
  return (
    <Field
      label={label}
      required
      invalid={isWrong}
      error={
        isWrong ? t('config.tls.pem', 'It must be PEM and begin with -----BEGIN {{kind}}-----', { kind }) : undefined
      }
    >
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
