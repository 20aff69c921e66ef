import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input, SecretInput } from '@grafana/ui';

import { SectionProps } from './ConfigEditor';
import { DEFAULTS } from './defaults';

/** As whom the plugin connects. */
export function AuthenticationSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  return (
    <ConfigSection
      title={t('config.auth.title', 'Authentication')}
      description={t(
        'config.auth.help',
        'A user that may only read is enough; every statement runs read-only all the same.'
      )}
    >
      <Field
        label={t('config.username.label', 'User name')}
        description={t('config.username.help', 'Default: default.')}
      >
        <Input
          id="fluxhound-username"
          width={40}
          disabled={readOnly}
          placeholder={DEFAULTS.username}
          value={json.username ?? ''}
          onChange={(event) => set({ username: event.currentTarget.value })}
        />
      </Field>
      <Field label={t('config.password.label', 'Password')} description={t('config.password.help', 'Default: none.')}>
        <SecretInput
          id="fluxhound-password"
          width={40}
          disabled={readOnly}
          isConfigured={settings.isSecretSet('password')}
          value={settings.secret('password')}
          onChange={(event) => settings.setSecret('password', event.currentTarget.value)}
          onReset={() => settings.resetSecret('password')}
        />
      </Field>
    </ConfigSection>
  );
}
