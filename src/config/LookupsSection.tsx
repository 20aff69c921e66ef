import React, { useState } from 'react';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Button, Field, IconButton, Input, Stack } from '@grafana/ui';

import { DynamicDnsSuffix } from '../types';
import { isDomain } from './allowlist';
import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';

/** What findings are looked up in: more dynamic DNS domains, and the autonomous systems of addresses. */
export function LookupsSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  return (
    <ConfigSection
      title={t('config.lookups.title', 'Look-ups')}
      isCollapsible
      isInitiallyOpen={Boolean(json.dynamicDnsSuffixes?.length || json.dynamicDnsSuffixTable || json.asnDictionary)}
    >
      <Suffixes settings={settings} />
      <Field
        label={t('config.lookups.suffix-table', 'Table of dynamic DNS domains')}
        htmlFor="fluxhound-suffix-table"
        description={t(
          'config.lookups.suffix-table-help',
          'A table of the database with more of them, which the plugin only reads. `fluxhound schema print --suffixes` prints its definition. Default: none.'
        )}
      >
        <Input
          id="fluxhound-suffix-table"
          width={40}
          disabled={readOnly}
          placeholder={EXAMPLES.suffixTable}
          value={json.dynamicDnsSuffixTable ?? ''}
          onChange={(event) => set({ dynamicDnsSuffixTable: event.currentTarget.value.trim() })}
        />
      </Field>
      <Field
        label={t('config.lookups.asn', 'Dictionary of autonomous systems')}
        htmlFor="fluxhound-asn-dictionary"
        description={t(
          'config.lookups.asn-help',
          'Tells each address’s network and whether it is a suspicious one. `fluxhound schema print --asn` prints its definition. Default: none.'
        )}
      >
        <Input
          id="fluxhound-asn-dictionary"
          width={40}
          disabled={readOnly}
          placeholder={EXAMPLES.asnDictionary}
          value={json.asnDictionary ?? ''}
          onChange={(event) => set({ asnDictionary: event.currentTarget.value.trim() })}
        />
      </Field>
    </ConfigSection>
  );
}

/** Rows of a domain and its provider's name. */
function Suffixes({ settings }: SectionProps) {
  // A row without a domain is kept here until it has one: the back end refuses it.
  const [rows, setRows] = useState<DynamicDnsSuffix[]>(settings.json.dynamicDnsSuffixes ?? []);
  const edit = (next: DynamicDnsSuffix[]) => {
    setRows(next);
    const named = next.filter((row) => row.suffix !== '');
    settings.set({ dynamicDnsSuffixes: named.length > 0 ? named : undefined });
  };
  const replace = (index: number, row: DynamicDnsSuffix) => edit(rows.map((other, i) => (i === index ? row : other)));
  return (
    <>
      {rows.map((row, i) => (
        <Stack key={i} direction="row" gap={1} alignItems="flex-start">
          <Field
            label={t('config.lookups.suffix', 'Dynamic DNS domain {{number}}', { number: i + 1 })}
            invalid={row.suffix !== '' && !isDomain(row.suffix)}
            error={
              row.suffix !== '' && !isDomain(row.suffix)
                ? t('config.lookups.suffix-invalid', 'Give a domain such as dyn.example.com, without a dot in front.')
                : undefined
            }
          >
            <Input
              id={`fluxhound-suffix-${i}`}
              width={40}
              disabled={settings.readOnly}
              placeholder={EXAMPLES.suffix}
              value={row.suffix}
              onChange={(event) => replace(i, { ...row, suffix: event.currentTarget.value.trim() })}
            />
          </Field>
          <Field label={t('config.lookups.provider', 'Provider {{number}}', { number: i + 1 })}>
            <Input
              id={`fluxhound-provider-${i}`}
              width={30}
              disabled={settings.readOnly}
              value={row.provider ?? ''}
              onChange={(event) => replace(i, { ...row, provider: event.currentTarget.value })}
            />
          </Field>
          <IconButton
            name="trash-alt"
            disabled={settings.readOnly}
            tooltip={t('config.lookups.remove', 'Remove domain {{number}}', { number: i + 1 })}
            onClick={() => edit(rows.filter((_, j) => j !== i))}
          />
        </Stack>
      ))}
      <Button
        size="sm"
        variant="secondary"
        icon="plus"
        disabled={settings.readOnly}
        onClick={() => setRows([...rows, { suffix: '' }])}
      >
        <Trans i18nKey="config.lookups.add">Add a dynamic DNS domain</Trans>
      </Button>
    </>
  );
}
