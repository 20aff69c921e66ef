import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input, SecretInput } from '@grafana/ui';

import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';

/** Who writes down what analysts say of findings: a ClickHouse user of its own, and nothing is ever written without one. */
export function VerdictsSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  return (
    <ConfigSection
      title={t('config.verdicts.title', 'Verdicts')}
      description={t(
        'config.verdicts.help',
        'Editors and administrators may say of a kept finding that it is benign, malicious or looked at. A ClickHouse user who may insert into the table of verdicts, and nowhere else, writes it down. `fluxhound schema apply --findings` creates the table.'
      )}
      isCollapsible
      isInitiallyOpen={Boolean(json.verdictsUsername)}
    >
      <Field
        label={t('config.verdicts.username', 'User who writes verdicts')}
        htmlFor="fluxhound-verdicts-username"
        description={t('config.verdicts.username-help', 'Default: none, and no verdict is taken.')}
      >
        <Input
          id="fluxhound-verdicts-username"
          width={40}
          disabled={readOnly}
          placeholder={EXAMPLES.verdictsUsername}
          value={json.verdictsUsername ?? ''}
          onChange={(event) => set({ verdictsUsername: event.currentTarget.value })}
        />
      </Field>
      <Field
        label={t('config.verdicts.password', 'Their password')}
        htmlFor="fluxhound-verdicts-password"
        description={t('config.verdicts.password-help', 'Default: none.')}
      >
        <SecretInput
          id="fluxhound-verdicts-password"
          width={40}
          disabled={readOnly}
          isConfigured={settings.isSecretSet('verdictsPassword')}
          value={settings.secret('verdictsPassword')}
          onChange={(event) => settings.setSecret('verdictsPassword', event.currentTarget.value)}
          onReset={() => settings.resetSecret('verdictsPassword')}
        />
      </Field>
    </ConfigSection>
  );
}
