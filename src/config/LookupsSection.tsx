import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';

import { SectionProps } from './ConfigEditor';
import { EXAMPLES } from './defaults';
import { NameField } from './NameField';
import { SuffixList } from './SuffixList';

/** The list of threat intelligence in listTables, by the name that the back end has for it. */
const INDICATORS = 'indicators';

/** The ledger of names, likewise. */
const LEDGER = 'nameNetworks';

/** The ledger of destinations, likewise. */
const DESTINATIONS = 'destinations';

/** What findings are looked up in: more dynamic DNS domains, the autonomous systems of addresses, threat intelligence, and what is known of before. */
export function LookupsSection({ settings }: SectionProps) {
  const { json, readOnly, set } = settings;
  const setTable = (list: string, table: string) => {
    const { [list]: _, ...others } = json.listTables ?? {};
    const tables = table === '' ? others : { ...others, [list]: table };
    set({ listTables: Object.keys(tables).length > 0 ? tables : undefined });
  };
  const table = (list: string) => ({
    value: json.listTables?.[list],
    readOnly,
    onChange: (name: string) => setTable(list, name),
  });
  return (
    <ConfigSection
      title={t('config.lookups.title', 'Look-ups')}
      isCollapsible
      isInitiallyOpen={Boolean(
        json.dynamicDnsSuffixes?.length ||
        json.dynamicDnsSuffixTable ||
        json.asnDictionary ||
        json.listTables?.[INDICATORS] ||
        json.listTables?.[LEDGER] ||
        json.listTables?.[DESTINATIONS]
      )}
    >
      <SuffixList settings={settings} />
      <NameField
        id="fluxhound-suffix-table"
        label={t('config.lookups.suffix-table', 'Table of dynamic DNS domains')}
        description={t(
          'config.lookups.suffix-table-help',
          'A table of the database with more of them, which the plugin only reads. `fluxhound schema print --suffixes` prints its definition. Default: none.'
        )}
        example={EXAMPLES.suffixTable}
        value={json.dynamicDnsSuffixTable}
        readOnly={readOnly}
        onChange={(name) => set({ dynamicDnsSuffixTable: name })}
      />
      <NameField
        id="fluxhound-asn-dictionary"
        label={t('config.lookups.asn', 'Dictionary of autonomous systems')}
        description={t(
          'config.lookups.asn-help',
          'Tells each address’s network and whether it is a suspicious one. `fluxhound schema print --asn` prints its definition. Default: none.'
        )}
        example={EXAMPLES.asnDictionary}
        value={json.asnDictionary}
        readOnly={readOnly}
        onChange={(name) => set({ asnDictionary: name })}
      />
      <NameField
        id="fluxhound-indicators"
        label={t('config.lookups.indicators', 'Table of indicators')}
        description={t(
          'config.lookups.indicators-help',
          'A table of the database with what lists of threat intelligence name. `fluxhound schema apply --indicators` makes it with its dictionaries, and `fluxhound intel import` fills it. Default: none.'
        )}
        example={EXAMPLES.indicators}
        {...table(INDICATORS)}
      />
      <NameField
        id="fluxhound-ledger"
        label={t('config.lookups.ledger', 'Ledger of names')}
        description={t(
          'config.lookups.ledger-help',
          'A table of the database with the networks that each name led to, for names that lead elsewhere. `fluxhound schema apply --ledger` makes it, and ClickHouse keeps it up. Default: none.'
        )}
        example={EXAMPLES.ledger}
        {...table(LEDGER)}
      />
      <NameField
        id="fluxhound-destinations"
        label={t('config.lookups.destinations', 'Ledger of destinations')}
        description={t(
          'config.lookups.destinations-help',
          'A table of the database with since when devices connect to each host, for cases that are new or long known to all of them. `fluxhound schema apply --ledger` makes it, and ClickHouse keeps it up. Default: none.'
        )}
        example={EXAMPLES.destinations}
        {...table(DESTINATIONS)}
      />
    </ConfigSection>
  );
}
