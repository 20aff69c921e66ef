import React, { useId } from 'react';
import { t } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { RadioButtonGroup, Switch } from '@grafana/ui';

import { Catalog, findsSomething, QueryTypeSpec } from '../catalog';
import { FluxhoundQuery } from '../types';
import { formatHelp, formatLabel } from './formats';
import { NumberInput } from './NumberInput';

interface Props {
  query: FluxhoundQuery;
  spec: QueryTypeSpec;
  defaults: Catalog['defaults'];
  hideFormat?: boolean;
  onEdit: (query: FluxhoundQuery) => void;
}

/** Chooses the form of the answer and how long it may be. */
export function OutputSection({ query, spec, defaults, hideFormat, onEdit }: Props) {
  const limitId = useId();
  const allowlistId = useId();
  const limit = Math.min(defaults.limit, defaults.rowLimit);
  const changeLimit = (value?: number | string) => {
    const { limit: _, ...rest } = query;
    onEdit(typeof value === 'number' && value !== limit ? { ...rest, limit: value } : rest);
  };
  const changeAllowlist = (ignore: boolean) => {
    const { allowlist: _, ...rest } = query;
    onEdit(ignore ? { ...rest, allowlist: 'ignore' } : rest);
  };
  return (
    <>
      {!hideFormat && (
        <EditorField label={t('query.format.label', 'Format')}>
          <RadioButtonGroup
            aria-label={t('query.format.label', 'Format')}
            options={spec.formats.map((f) => ({ value: f, label: formatLabel(f), description: formatHelp(f) }))}
            value={query.format ?? spec.formats[0]}
            onChange={(format) => onEdit({ ...query, format })}
          />
        </EditorField>
      )}
      <EditorField
        label={t('query.limit.label', 'Limit')}
        htmlFor={limitId}
        tooltip={t('query.limit.help', 'Rows at most, 1 to {{max}}; series in a time series. Default {{limit}}.', {
          max: defaults.rowLimit,
          limit,
        })}
      >
        <NumberInput
          id={limitId}
          width={16}
          integer
          min={1}
          max={defaults.rowLimit}
          value={query.limit}
          placeholder={String(limit)}
          suffix={t('query.limit.unit', 'rows')}
          onCommit={changeLimit}
        />
      </EditorField>
      {findsSomething(spec) && (
        <EditorField
          label={t('query.allowlist.label', 'Ignore allowlist')}
          htmlFor={allowlistId}
          tooltip={t(
            'query.allowlist.help',
            'Also show the findings that the data source’s allowlist hides, with the entry that hides each.'
          )}
        >
          <Switch
            id={allowlistId}
            value={query.allowlist === 'ignore'}
            onChange={(event) => changeAllowlist(event.currentTarget.checked)}
          />
        </EditorField>
      )}
    </>
  );
}
