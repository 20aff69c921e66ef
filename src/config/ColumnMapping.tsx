import React from 'react';
import { t } from '@grafana/i18n';
import { Combobox, Field } from '@grafana/ui';

import { TableColumns } from '../support/resources';
import { SectionProps } from './ConfigEditor';
import { MODEL, ModelColumn } from './model';

interface Props extends SectionProps {
  /** The saved table's columns, once they are known. */
  table?: TableColumns;
}

/** A picker for each canonical column: which of the table's columns it is. */
export function ColumnMapping({ settings, table }: Props) {
  const columns: ModelColumn[] = table?.columns ?? MODEL;
  const available = (table?.available ?? []).map((c) => ({ value: c.name, label: c.name, description: c.type }));
  return (
    <>
      {columns.map((column) => (
        <Field
          key={column.name}
          label={column.name}
          htmlFor={`fluxhound-column-${column.name}`}
          required={column.required}
          description={table?.columns.find((c) => c.name === column.name)?.help}
          invalid={isMissing(column.name, settings, table)}
          error={
            isMissing(column.name, settings, table)
              ? t('config.columns.missing', 'The table has no column of this name. Choose the one that holds it.')
              : undefined
          }
        >
          <Combobox
            id={`fluxhound-column-${column.name}`}
            width={40}
            disabled={settings.readOnly}
            createCustomValue
            isClearable
            placeholder={column.name}
            options={available}
            value={settings.json.columns?.[column.name] ?? null}
            onChange={(option) => map(settings, column.name, option?.value)}
          />
        </Field>
      ))}
    </>
  );
}

/** Does the table, as far as it is known, lack the required column that is mapped now? */
function isMissing(name: string, settings: Props['settings'], table?: TableColumns): boolean {
  const column = table?.columns.find((c) => c.name === name);
  if (!column?.required) {
    return false;
  }
  const own = settings.json.columns?.[name] ?? name;
  return !(table?.available ?? []).some((c) => c.name === own);
}

function map(settings: Props['settings'], name: string, own?: string) {
  const columns = { ...settings.json.columns };
  if (own && own !== name) {
    columns[name] = own;
  } else {
    delete columns[name];
  }
  settings.set({ columns: Object.keys(columns).length > 0 ? columns : undefined });
}
