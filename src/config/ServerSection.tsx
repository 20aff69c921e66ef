import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input, RadioButtonGroup, Switch } from '@grafana/ui';

import { Protocol } from '../types';
import { NumberInput } from '../query/NumberInput';
import { checkPath } from './checks';
import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';
import { checkHosts, defaultPort } from './hosts';

/** Where the server is and which of its interfaces is used. */
export function ServerSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  const problem = checkHosts(json.host ?? '');
  const isTouched = json.host !== undefined;
  return (
    <ConfigSection title={t('config.server.title', 'Server')}>
      <Field
        label={t('config.host.label', 'Host')}
        description={t(
          'config.host.help',
          'A name or address; or several, as name:port separated by commas, of which the first that answers is used.'
        )}
        required
        invalid={isTouched && problem !== undefined}
        error={isTouched ? problem : undefined}
      >
        <Input
          id="fluxhound-host"
          width={60}
          disabled={readOnly}
          placeholder={EXAMPLES.host}
          value={json.host ?? ''}
          onChange={(event) => set({ host: event.currentTarget.value })}
        />
      </Field>
      <Field
        label={t('config.protocol.label', 'Protocol')}
        description={t('config.protocol.help', 'The interface of ClickHouse. Default: native.')}
      >
        <RadioButtonGroup<Protocol>
          aria-label={t('config.protocol.label', 'Protocol')}
          disabled={readOnly}
          options={[
            { value: 'native', label: t('config.protocol.native', 'Native') },
            { value: 'http', label: t('config.protocol.http', 'HTTP') },
          ]}
          value={json.protocol ?? 'native'}
          onChange={(protocol) => set({ protocol, ...(protocol === 'native' ? { path: undefined } : {}) })}
        />
      </Field>
      <Field
        label={t('config.port.label', 'Port')}
        htmlFor="fluxhound-port"
        description={t('config.port.help', 'For hosts without a port of their own. Default: {{port}}.', {
          port: defaultPort(json.protocol, json.secure),
        })}
      >
        <NumberInput
          id="fluxhound-port"
          width={20}
          integer
          min={1}
          max={65535}
          disabled={readOnly}
          value={json.port}
          placeholder={String(defaultPort(json.protocol, json.secure))}
          onCommit={(port) => set({ port: typeof port === 'number' ? port : undefined })}
        />
      </Field>
      <Field
        label={t('config.secure.label', 'Secure connection')}
        description={t('config.secure.help', 'Talk TLS to the server. Default: off.')}
      >
        <Switch
          id="fluxhound-secure"
          disabled={readOnly}
          value={Boolean(json.secure)}
          onChange={(event) => set({ secure: event.currentTarget.checked })}
        />
      </Field>
      {json.protocol === 'http' && (
        <Field
          label={t('config.path.label', 'Path')}
          description={t('config.path.help', 'Of the HTTP interface, where a proxy puts it under one. Default: none.')}
          invalid={Boolean(checkPath(json.path ?? ''))}
          error={checkPath(json.path ?? '')}
        >
          <Input
            id="fluxhound-path"
            width={60}
            disabled={readOnly}
            placeholder={EXAMPLES.path}
            value={json.path ?? ''}
            onChange={(event) => set({ path: event.currentTarget.value })}
          />
        </Field>
      )}
    </ConfigSection>
  );
}
