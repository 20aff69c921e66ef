import React from 'react';
import { t } from '@grafana/i18n';
import { Field, IconButton, Input, Stack } from '@grafana/ui';

import { DynamicDnsSuffix } from '../types';
import { EXAMPLES } from './defaults';
import { checkDomain } from './domains';

interface Props {
  /** From 1, for the labels. */
  number: number;
  row: DynamicDnsSuffix;
  readOnly: boolean;
  onChange: (row: DynamicDnsSuffix) => void;
  onRemove: () => void;
}

/** One dynamic DNS domain and whose it is. */
export function SuffixRow({ number, row, readOnly, onChange, onRemove }: Props) {
  const problem = problemOf(row);
  return (
    <Stack direction="row" gap={1} alignItems="flex-start">
      <Field
        label={t('config.lookups.suffix', 'Dynamic DNS domain {{number}}', { number })}
        description={t('config.lookups.suffix-help', 'Each name right under it is one tenant’s. Default: none.')}
        invalid={Boolean(problem)}
        error={problem}
      >
        <Input
          id={`fluxhound-suffix-${number}`}
          width={40}
          disabled={readOnly}
          placeholder={EXAMPLES.suffix}
          value={row.suffix}
          onChange={(event) => onChange({ ...row, suffix: event.currentTarget.value.trim() })}
        />
      </Field>
      <Field
        label={t('config.lookups.provider', 'Provider {{number}}', { number })}
        description={t('config.lookups.provider-help', 'Shown with its findings. Default: the domain.')}
      >
        <Input
          id={`fluxhound-provider-${number}`}
          width={30}
          disabled={readOnly}
          placeholder={row.suffix}
          value={row.provider ?? ''}
          onChange={(event) => onChange({ ...row, provider: event.currentTarget.value })}
        />
      </Field>
      <IconButton
        name="trash-alt"
        disabled={readOnly}
        tooltip={t('config.lookups.remove', 'Remove domain {{number}}', { number })}
        onClick={onRemove}
      />
    </Stack>
  );
}

function problemOf({ suffix, provider }: DynamicDnsSuffix): string | undefined {
  if (suffix === '') {
    return provider ? t('config.lookups.nameless', 'Give the domain: a provider without one is not saved.') : undefined;
  }
  return checkDomain(suffix, EXAMPLES.suffix);
}
