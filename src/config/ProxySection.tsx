import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Switch } from '@grafana/ui';

import { SectionProps } from './ConfigEditor';

/** Grafana's secure socks proxy, where this Grafana has one. */
export function ProxySection({ settings }: SectionProps) {
  return (
    <ConfigSection title={t('config.proxy.title', 'Secure socks proxy')} isCollapsible isInitiallyOpen={false}>
      <Field
        label={t('config.proxy.label', 'Use the proxy')}
        description={t('config.proxy.help', 'Reach ClickHouse through Grafana’s secure socks proxy. Default: off.')}
      >
        <Switch
          id="fluxhound-proxy"
          disabled={settings.readOnly}
          value={Boolean(settings.json.enableSecureSocksProxy)}
          onChange={(event) => settings.set({ enableSecureSocksProxy: event.currentTarget.checked })}
        />
      </Field>
    </ConfigSection>
  );
}
