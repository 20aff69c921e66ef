import React from 'react';
import { t } from '@grafana/i18n';
import { Field } from '@grafana/ui';

import { ListInput } from '../query/ListInput';
import { checkInside } from '../query/subnets';
import { SectionProps } from './ConfigEditor';
import { PRIVATE_NETWORKS } from './defaults';

/** Which networks are inside: `fluxhound import` and `derive` ask it of these settings. */
export function InternalNetworks({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  const networks = json.internalNetworks ?? [];
  const wrong = networks.map(checkInside).find((problem) => problem !== undefined);
  return (
    <Field
      label={t('config.networks.label', 'Internal networks')}
      htmlFor="fluxhound-internal-networks"
      description={t(
        'config.networks.help',
        'Where a sensor does not mark it, a connection from elsewhere to one of them is inbound. `fluxhound import` and `fluxhound derive` read this from a file of these settings; queries do not. Default: {{networks}}.',
        { networks: PRIVATE_NETWORKS.join(', '), interpolation: { escapeValue: false } }
      )}
      invalid={wrong !== undefined}
      error={wrong}
    >
      <ListInput
        id="fluxhound-internal-networks"
        entries={networks}
        disabled={readOnly}
        max={1000}
        check={checkInside}
        onChange={(entries) => set({ internalNetworks: entries.length > 0 ? entries : undefined })}
      />
    </Field>
  );
}
