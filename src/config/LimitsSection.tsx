import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field } from '@grafana/ui';

import { NumberInput } from '../query/NumberInput';
import { SectionProps } from './ConfigEditor';

type LimitName =
  'queryTimeout' | 'rowLimit' | 'cacheTTL' | 'dialTimeout' | 'maxOpenConns' | 'maxIdleConns' | 'connMaxLifetime';

interface Limit {
  name: LimitName;
  label: string;
  help: string;
  unit: string;
  byDefault: number;
  min: number;
  max: number;
}

/** How long, how much and over how many connections the plugin reads. */
export function LimitsSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  return (
    <ConfigSection title={t('config.limits.title', 'Limits')} isCollapsible isInitiallyOpen={false}>
      {limits().map(({ name, label, help, unit, byDefault, min, max }) => (
        <Field
          key={name}
          label={label}
          htmlFor={`fluxhound-${name}`}
          description={t('config.limits.help', '{{help}} {{min}} to {{max}} {{unit}}; default {{byDefault}}.', {
            help,
            min,
            max,
            unit,
            byDefault,
            interpolation: { escapeValue: false },
          })}
        >
          <NumberInput
            id={`fluxhound-${name}`}
            width={24}
            integer
            min={min}
            max={max}
            disabled={readOnly}
            value={json[name]}
            placeholder={String(byDefault)}
            suffix={unit}
            onCommit={(value) => set({ [name]: typeof value === 'number' ? value : undefined })}
          />
        </Field>
      ))}
    </ConfigSection>
  );
}

/** The back end's limits: tests/contract/settings.json holds both sides to the same bounds, units and defaults. */
export function limits(): Limit[] {
  const seconds = t('config.limits.seconds', 's');
  const connections = t('config.limits.connections', 'connections');
  return [
    {
      name: 'queryTimeout',
      label: t('config.limits.query-timeout', 'Query timeout'),
      help: t('config.limits.query-timeout-help', 'A statement that runs longer is stopped.'),
      unit: seconds,
      byDefault: 60,
      min: 1,
      max: 3600,
    },
    {
      name: 'rowLimit',
      label: t('config.limits.rows', 'Row limit'),
      help: t('config.limits.rows-help', 'No answer has more rows, whatever a query asks.'),
      unit: t('config.limits.rows-unit', 'rows'),
      byDefault: 100_000,
      min: 1,
      max: 1_000_000,
    },
    {
      name: 'cacheTTL',
      label: t('config.limits.cache', 'Shared answers'),
      help: t(
        'config.limits.cache-help',
        'Viewers who ask the same within this time share one answer; alert rules never do. 0 turns it off.'
      ),
      unit: seconds,
      byDefault: 30,
      min: 0,
      max: 3600,
    },
    {
      name: 'dialTimeout',
      label: t('config.limits.dial-timeout', 'Dial timeout'),
      help: t('config.limits.dial-timeout-help', 'How long to wait for a connection.'),
      unit: seconds,
      byDefault: 10,
      min: 1,
      max: 300,
    },
    {
      name: 'maxOpenConns',
      label: t('config.limits.open', 'Open connections'),
      help: t('config.limits.open-help', 'At most; further statements wait for one.'),
      unit: connections,
      byDefault: 10,
      min: 1,
      max: 1000,
    },
    {
      name: 'maxIdleConns',
      label: t('config.limits.idle', 'Idle connections'),
      help: t('config.limits.idle-help', 'Kept open between statements.'),
      unit: connections,
      byDefault: 5,
      min: 0,
      max: 1000,
    },
    {
      name: 'connMaxLifetime',
      label: t('config.limits.lifetime', 'Connection lifetime'),
      help: t('config.limits.lifetime-help', 'A connection is renewed after this long.'),
      unit: t('config.limits.minutes', 'minutes'),
      byDefault: 5,
      min: 1,
      max: 1440,
    },
  ];
}
