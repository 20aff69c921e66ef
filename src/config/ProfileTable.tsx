import React from 'react';
import { t } from '@grafana/i18n';
import { InteractiveTable, Text } from '@grafana/ui';

import { Profile, ProfileReason } from '../support/resources';

interface Row {
  id: string;
  sensor: string;
  detector: string;
  canMatch: string;
  reasons: string;
}

/** One row a sensor and detector: what share of the events it can look at, and why not the rest. */
export function ProfileTable({ profile }: { profile: Profile }) {
  const sensors = profile.sensors ?? [];
  const rows = sensors.flatMap((s) => [
    ...s.detectors.map((d) => ({
      id: `${s.name} ${d.name}`,
      sensor: s.name,
      detector: d.label,
      canMatch: percent(d.canMatch),
      reasons: reasonsText(d.reasons),
    })),
    {
      id: `${s.name} gaps`,
      sensor: s.name,
      detector: t('config.profile.every', 'All'),
      canMatch: '',
      reasons: reasonsText(s.gaps),
    },
  ]);
  const columns = [
    { id: 'sensor', header: t('config.profile.sensor', 'Sensor') },
    { id: 'detector', header: t('config.profile.detector', 'Detector') },
    { id: 'canMatch', header: t('config.profile.can-match', 'Can look at') },
    { id: 'reasons', header: t('config.profile.reasons', 'Of the rest') },
  ].filter((c) => c.id !== 'sensor' || sensors.some((s) => s.name !== ''));
  return (
    <>
      <Text element="p" color="secondary">
        {t('config.profile.sample', '{{sampled}} events were sampled of {{events}}.', {
          sampled: profile.sampled.toLocaleString(),
          events: profile.events.toLocaleString(),
        })}
      </Text>
      <InteractiveTable<Row> columns={columns} data={rows} getRowId={(row) => row.id} />
    </>
  );
}

function reasonsText(reasons: ProfileReason[]): string {
  return reasons
    .map((r) => `${percent(r.share)} ${r.meaning}${r.examples.length > 0 ? ` (${r.examples.join(', ')})` : ''}`)
    .join('; ');
}

/** What is something is not 0 %, and what is not all is not 100 %. */
function percent(share: number): string {
  if (share > 0 && share < 0.001) {
    return '< 0.1 %';
  }
  if (share < 1 && share > 0.999) {
    return '> 99.9 %';
  }
  return `${Number((share * 100).toFixed(1))} %`;
}
