import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Alert, Field, Input, Switch, Text } from '@grafana/ui';

import { checkServerName } from './checks';
import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';
import { PemField } from './PemField';
import { SecretName } from './settings';

/** How the server's certificate is checked, and the client's own. */
export function TlsSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  if (!json.secure) {
    return (
      <ConfigSection title={t('config.tls.title', 'TLS')}>
        <Text color="secondary">
          <Trans i18nKey="config.tls.off">Turn on the secure connection to set certificates.</Trans>
        </Text>
      </ConfigSection>
    );
  }
  const isGiven = (name: SecretName) => settings.isSecretSet(name) || settings.secret(name) !== '';
  // What is provisioned is complete or wrong; by hand one thing is given after the other.
  const lacks = (name: SecretName, other?: SecretName) =>
    !isGiven(name) && (readOnly || (other !== undefined && isGiven(other)));
  return (
    <ConfigSection title={t('config.tls.title', 'TLS')}>
      <Field
        label={t('config.tls.server-name', 'Server name')}
        description={t(
          'config.tls.server-name-help',
          'Expected in the server’s certificate. Default: the host’s own name.'
        )}
        invalid={Boolean(checkServerName(json.serverName ?? ''))}
        error={checkServerName(json.serverName ?? '')}
      >
        <Input
          id="fluxhound-server-name"
          width={60}
          disabled={readOnly}
          placeholder={EXAMPLES.host}
          value={json.serverName ?? ''}
          onChange={(event) => set({ serverName: event.currentTarget.value })}
        />
      </Field>
      <Field
        label={t('config.tls.ca', 'Own certificate authority')}
        description={t('config.tls.ca-help', 'Trust this authority instead of the system’s. Default: off.')}
      >
        <Switch
          id="fluxhound-tls-ca"
          disabled={readOnly}
          value={Boolean(json.tlsAuthWithCACert)}
          onChange={(event) => set({ tlsAuthWithCACert: event.currentTarget.checked })}
        />
      </Field>
      {json.tlsAuthWithCACert && (
        <PemField
          settings={settings}
          name="tlsCACert"
          label={t('config.tls.ca-cert', 'CA certificate')}
          help={t('config.tls.ca-cert-help', 'One or several, as PEM. It is kept encrypted. Default: none.')}
          kind="CERTIFICATE"
          missing={
            lacks('tlsCACert')
              ? t('config.tls.ca-cert-missing', 'It is missing, although the authority is said to be your own.')
              : undefined
          }
        />
      )}
      <Field
        label={t('config.tls.client', 'Client certificate')}
        description={t('config.tls.client-help', 'Show the server a certificate. Default: off.')}
      >
        <Switch
          id="fluxhound-tls-client"
          disabled={readOnly}
          value={Boolean(json.tlsAuth)}
          onChange={(event) => set({ tlsAuth: event.currentTarget.checked })}
        />
      </Field>
      {json.tlsAuth && (
        <>
          <PemField
            settings={settings}
            name="tlsClientCert"
            label={t('config.tls.client-cert', 'Certificate')}
            help={t(
              'config.tls.client-cert-help',
              'As PEM, with those between it and the authority after it. It is kept encrypted. Default: none.'
            )}
            kind="CERTIFICATE"
            missing={
              lacks('tlsClientCert', 'tlsClientKey')
                ? t('config.tls.client-cert-missing', 'It is missing: a key needs its certificate.')
                : undefined
            }
          />
          <PemField
            settings={settings}
            name="tlsClientKey"
            label={t('config.tls.client-key', 'Key')}
            help={t(
              'config.tls.client-key-help',
              'The certificate’s private key as PEM, without a passphrase. It is kept encrypted. Default: none.'
            )}
            kind="PRIVATE KEY"
            missing={
              lacks('tlsClientKey', 'tlsClientCert')
                ? t('config.tls.client-key-missing', 'It is missing: a certificate needs its key.')
                : undefined
            }
          />
        </>
      )}
      <Field
        label={t('config.tls.skip', 'Skip verification')}
        description={t('config.tls.skip-help', 'Accept any certificate. Default: off.')}
      >
        <Switch
          id="fluxhound-tls-skip"
          disabled={readOnly}
          value={Boolean(json.tlsSkipVerify)}
          onChange={(event) => set({ tlsSkipVerify: event.currentTarget.checked })}
        />
      </Field>
      {json.tlsSkipVerify && (
        <Alert severity="warning" title={t('config.tls.skip-title', 'The server is not verified')}>
          <Trans i18nKey="config.tls.skip-warning">
            Anyone on the way can read and change what is sent, the password included. Give the certificate authority
            above instead.
          </Trans>
        </Alert>
      )}
    </ConfigSection>
  );
}
