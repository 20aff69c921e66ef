import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input } from '@grafana/ui';

import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';
import { SuffixList } from './SuffixList';

/** What findings are looked up in: more dynamic DNS domains, and the autonomous systems of addresses. */
export function LookupsSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  return (
    <ConfigSection
      title={t('config.lookups.title', 'Look-ups')}
      isCollapsible
      isInitiallyOpen={Boolean(json.dynamicDnsSuffixes?.length || json.dynamicDnsSuffixTable || json.asnDictionary)}
    >
      <SuffixList settings={settings} />
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
