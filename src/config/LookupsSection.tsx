import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input } from '@grafana/ui';

import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';
import { SuffixList } from './SuffixList';

/** The list of threat intelligence in listTables, by the name that the back end has for it. */
const INDICATORS = 'indicators';

/** The ledger of names, likewise. */
const LEDGER = 'nameNetworks';

/** What findings are looked up in: more dynamic DNS domains, the autonomous systems of addresses, threat intelligence, and where names led. */
export function LookupsSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  const setTable = (list: string, table: string) => {
    const { [list]: _, ...others } = json.listTables ?? {};
    const tables = table === '' ? others : { ...others, [list]: table };
    set({ listTables: Object.keys(tables).length > 0 ? tables : undefined });
  };
  return (
    <ConfigSection
      title={t('config.lookups.title', 'Look-ups')}
      isCollapsible
      isInitiallyOpen={Boolean(
        json.dynamicDnsSuffixes?.length ||
        json.dynamicDnsSuffixTable ||
        json.asnDictionary ||
        json.listTables?.[INDICATORS] ||
        json.listTables?.[LEDGER]
      )}
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
      <Field
        label={t('config.lookups.indicators', 'Table of indicators')}
        htmlFor="fluxhound-indicators"
        description={t(
          'config.lookups.indicators-help',
          'A table of the database with what lists of threat intelligence name. `fluxhound schema apply --indicators` makes it with its dictionaries, and `fluxhound intel import` fills it. Default: none.'
        )}
      >
        <Input
          id="fluxhound-indicators"
          width={40}
          disabled={readOnly}
          placeholder={EXAMPLES.indicators}
          value={json.listTables?.[INDICATORS] ?? ''}
          onChange={(event) => setTable(INDICATORS, event.currentTarget.value.trim())}
        />
      </Field>
      <Field
        label={t('config.lookups.ledger', 'Ledger of names')}
        htmlFor="fluxhound-ledger"
        description={t(
          'config.lookups.ledger-help',
          'A table of the database with the networks that each name led to, for names that lead elsewhere. `fluxhound schema apply --ledger` makes it, and ClickHouse keeps it up. Default: none.'
        )}
      >
        <Input
          id="fluxhound-ledger"
          width={40}
          disabled={readOnly}
          placeholder={EXAMPLES.ledger}
          value={json.listTables?.[LEDGER] ?? ''}
          onChange={(event) => setTable(LEDGER, event.currentTarget.value.trim())}
        />
      </Field>
    </ConfigSection>
  );
}
