import React from 'react';
import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Badge, Field, IconButton, Stack, useStyles2 } from '@grafana/ui';

import { AllowlistEntry } from '../types';
import { fieldHelp, fieldLabel, FIELDS, fieldText, hasExpired, problemsOf, withField } from './allowlist';
import { AllowlistEntryInput } from './AllowlistEntryInput';

interface Props {
  /** From 1, for the labels. */
  number: number;
  entry: AllowlistEntry;
  /** The present, in epoch milliseconds: it says what has expired. */
  now: number;
  readOnly: boolean;
  /** What an entry may name as its detector; undefined as long as the plugin has not said. */
  detectors?: string[];
  onChange: (entry: AllowlistEntry) => void;
  onRemove: () => void;
}

/** One entry of the allowlist: what it hides, why, for whom and until when. */
export function AllowlistEntryRow({ number, entry, now, readOnly, detectors, onChange, onRemove }: Props) {
  const styles = useStyles2(getStyles);
  const problems = problemsOf(entry, now, detectors);
  return (
    <Stack
      direction="row"
      gap={1}
      alignItems="flex-start"
      wrap="wrap"
      role="group"
      aria-label={t('config.allowlist.entry', 'Entry {{number}}', { number })}
    >
      {FIELDS.map((field) => (
        <Field
          key={field}
          className={styles.field}
          label={fieldLabel(field)}
          htmlFor={`fluxhound-allowlist-${number}-${field}`}
          description={fieldHelp(field)}
          required={field === 'reason' || field === 'owner'}
          invalid={Boolean(problems[field])}
          error={problems[field]}
        >
          <AllowlistEntryInput
            id={`fluxhound-allowlist-${number}-${field}`}
            field={field}
            value={fieldText(entry, field)}
            readOnly={readOnly}
            detectors={detectors}
            onChange={(value) => onChange(withField(entry, field, value))}
          />
        </Field>
      ))}
      {hasExpired(entry, now) && (
        <Badge color="orange" icon="clock-nine" text={t('config.allowlist.expired', 'expired')} />
      )}
      <IconButton
        name="trash-alt"
        disabled={readOnly}
        tooltip={t('config.allowlist.remove', 'Remove entry {{number}}', { number })}
        onClick={onRemove}
      />
    </Stack>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  field: css({ maxWidth: theme.spacing(32) }),
});
