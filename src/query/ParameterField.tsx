import React, { useId } from 'react';
import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Badge, Icon, IconButton, Tooltip, useStyles2 } from '@grafana/ui';

import { ParamSpec } from '../catalog';
import { ParamValue } from '../types';
import { ParameterInput } from './ParameterInput';

export interface ParameterProps {
  spec: ParamSpec;
  value: ParamValue;
  allowVariables: boolean;
  onChange: (value: ParamValue) => void;
}

interface Props extends ParameterProps {
  isChanged: boolean;
  onReset: () => void;
}

/** One parameter: its name, what it does, its default, its value, and a way back to the default. */
export function ParameterField({ isChanged, onReset, ...input }: Props) {
  const { spec } = input;
  const id = useId();
  const styles = useStyles2(getStyles);
  const fallback = defaultText(spec);
  return (
    <div className={styles.field} data-testid={`fluxhound-param-${spec.name}`}>
      <div className={styles.head}>
        <label htmlFor={id} className={styles.label}>
          {spec.label}
        </label>
        <Tooltip content={helpText(spec)}>
          <Icon name="info-circle" size="sm" tabIndex={0} aria-label={helpText(spec)} />
        </Tooltip>
        {isChanged && (
          <>
            <Badge color="blue" text={t('query.param.changed', 'changed')} />
            <IconButton
              name="history"
              size="sm"
              tooltip={t('query.param.reset', 'Reset {{label}} to {{fallback}}', {
                label: spec.label,
                fallback,
                interpolation: { escapeValue: false },
              })}
              onClick={() => {
                onReset();
                // The button goes away, and the keyboard's place with it.
                document.getElementById(id)?.focus();
              }}
            />
          </>
        )}
      </div>
      <ParameterInput id={id} {...input} />
      <div className={styles.fallback}>
        {t('query.param.default', 'Default: {{fallback}}', { fallback, interpolation: { escapeValue: false } })}
      </div>
    </div>
  );
}

/** The default in words; a long list only by its length. */
function defaultText({ default: value, unit }: ParamSpec): string {
  if (Array.isArray(value)) {
    if (value.length === 0) {
      return t('query.param.none', 'none');
    }
    return value.length > 3
      ? t('query.param.default-list', '{{first}} and {{more}} more', {
          first: value.slice(0, 2).join(', '),
          more: value.length - 2,
          interpolation: { escapeValue: false },
        })
      : value.join(', ');
  }
  if (typeof value === 'boolean') {
    return value ? t('query.param.on', 'on') : t('query.param.off', 'off');
  }
  return unit ? `${value} ${unit}` : String(value);
}

function helpText({ help, kind, min, max, unit = '' }: ParamSpec): string {
  if (kind !== 'integer' && kind !== 'number') {
    return help;
  }
  const range = t('query.param.range', 'It may be {{min}} to {{max}} {{unit}}', {
    min,
    max,
    unit,
    interpolation: { escapeValue: false },
  });
  return `${help} ${range.trim()}.`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  field: css({ minWidth: theme.spacing(24), maxWidth: theme.spacing(60) }),
  head: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.5), minHeight: theme.spacing(3) }),
  label: css({ ...theme.typography.bodySmall, fontWeight: theme.typography.fontWeightMedium, margin: 0 }),
  fallback: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
});
