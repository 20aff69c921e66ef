import React from 'react';
import { config } from '@grafana/runtime';
import { DataSourceDescription } from '@grafana/plugin-ui';
import { Divider } from '@grafana/ui';

import { AllowlistSection } from './AllowlistSection';
import { AuthenticationSection } from './AuthenticationSection';
import { CaseWeights } from './CaseWeights';
import { CustomSettingsSection } from './CustomSettingsSection';
import { LimitsSection } from './LimitsSection';
import { LookupsSection } from './LookupsSection';
import { ProfileSection } from './ProfileSection';
import { ProxySection } from './ProxySection';
import { ServerSection } from './ServerSection';
import { ConfigProps, settingsEditor } from './settings';
import { TableSection } from './TableSection';
import { TlsSection } from './TlsSection';
import { VerdictsSection } from './VerdictsSection';

const DOCUMENTATION = 'https://github.com/fluxhound/fluxhound-detections-datasource#readme';

/** The page on which an administrator says where ClickHouse is and which table holds the events. */
export function ConfigEditor(props: ConfigProps) {
  const settings = settingsEditor(props);
  const { uid, version } = props.options;
  return (
    <div data-testid="fluxhound-config-editor">
      <DataSourceDescription dataSourceName="Fluxhound" docsLink={DOCUMENTATION} hasRequiredFields />
      <Divider />
      <ServerSection settings={settings} />
      <Divider />
      <AuthenticationSection settings={settings} />
      <Divider />
      <TlsSection settings={settings} />
      <Divider />
      <TableSection settings={settings} uid={uid} version={version} />
      <Divider />
      <ProfileSection uid={uid} isReady={Boolean(props.options.jsonData.host && uid)} />
      <Divider />
      <AllowlistSection settings={settings} />
      <Divider />
      <LookupsSection settings={settings} />
      <Divider />
      <CaseWeights settings={settings} uid={uid} />
      <Divider />
      <VerdictsSection settings={settings} />
      <Divider />
      <LimitsSection settings={settings} />
      <Divider />
      <CustomSettingsSection settings={settings} />
      {config.secureSocksDSProxyEnabled && (
        <>
          <Divider />
          <ProxySection settings={settings} />
        </>
      )}
    </div>
  );
}

export interface SectionProps {
  settings: ReturnType<typeof settingsEditor>;
}
