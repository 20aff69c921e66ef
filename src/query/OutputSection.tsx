import React, { useId } from 'react';
import { t } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { RadioButtonGroup, Switch } from '@grafana/ui';

import { Catalog, findsSomething, QueryTypeSpec } from '../catalog';
import { FluxhoundQuery, Format } from '../types';
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
  const detailsId = useId();
  const format = query.format ?? spec.formats[0];
  const limit = Math.min(defaults.limit, defaults.rowLimit);
  const changeLimit = (value?: number | string) => {
    const { limit: _, ...rest } = query;
    onEdit(typeof value === 'number' && value !== limit ? { ...rest, limit: value } : rest);
  };
  const changeFormat = (format: Format) => {
    const { details: _, ...rest } = query; // of the numeric format alone
    onEdit({ ...rest, format });
  };
  const changeDetails = (details: boolean) => {
    const { details: _, ...rest } = query;
    onEdit(details ? { ...rest, details } : rest);
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
            value={format}
            onChange={changeFormat}
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
      {format === 'numeric' && spec.details && (
        <EditorField
          label={t('query.details.label', 'Details')}
          htmlFor={detailsId}
          tooltip={t(
            'query.details.help',
            'Further labels that explain each number: {{labels}}. They change from one answer to the next. In an alert rule, give them a query of their own that no condition reads, beside the same query without them.',
            { labels: spec.details.map((d) => d.name).join(', ') }
          )}
        >
          <Switch
            id={detailsId}
            value={query.details === true}
            onChange={(event) => changeDetails(event.currentTarget.checked)}
          />
        </EditorField>
      )}
    </>
  );
}
