import React, { useState } from 'react';
import { Trans } from '@grafana/i18n';
import { Button } from '@grafana/ui';

import { DynamicDnsSuffix } from '../types';
import { SectionProps } from './ConfigEditor';
import { SuffixRow } from './SuffixRow';

/** Dynamic DNS domains beside the known ones, each with its provider's name. */
export function SuffixList({ settings }: SectionProps) {
  // A row without a domain is kept here until it has one: the back end refuses it.
  const [rows, setRows] = useState<DynamicDnsSuffix[]>(settings.json.dynamicDnsSuffixes ?? []);
  const edit = (next: DynamicDnsSuffix[]) => {
    setRows(next);
    const named = next.filter((row) => row.suffix !== '');
    settings.set({ dynamicDnsSuffixes: named.length > 0 ? named : undefined });
  };
  return (
    <>
      {rows.map((row, i) => (
        <SuffixRow
          key={i}
          number={i + 1}
          row={row}
          readOnly={settings.readOnly}
          onChange={(changed) => edit(rows.map((other, j) => (j === i ? changed : other)))}
          onRemove={() => edit(rows.filter((_, j) => j !== i))}
        />
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
