import React, { useCallback, useId } from 'react';
import { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import { Combobox, RadioButtonGroup } from '@grafana/ui';

import { FluxhoundDataSource } from '../datasource';
import { columnChoices } from '../query/columns';
import { FilterList } from '../query/FiltersSection';
import { FluxhoundOptions, FluxhoundQuery, FluxhoundVariableQuery } from '../types';
import { LoadProblem } from './LoadProblem';
import { TextInput } from './TextInput';
import { useLoaded } from './useLoaded';

type Props = QueryEditorProps<FluxhoundDataSource, FluxhoundQuery, FluxhoundOptions, FluxhoundVariableQuery>;

/** The editor of a dashboard variable: what its options are, and for values of a column which. */
export function VariableQueryEditor({ query, datasource, range, onChange }: Props) {
  const kind = query.kind ?? 'values';
  const change = (changed: Partial<FluxhoundVariableQuery>) =>
    onChange(clean({ ...query, kind, refId: query.refId || 'FluxhoundVariable', ...changed }));
  return (
    <div data-testid="fluxhound-variable-editor">
      <EditorRows>
        <EditorRow>
          <EditorField label={t('variable.kind.label', 'Options')}>
            <RadioButtonGroup<FluxhoundVariableQuery['kind']>
              aria-label={t('variable.kind.label', 'Options')}
              options={[
                { value: 'values', label: t('variable.kind.values', 'Values of a column') },
                { value: 'alertTypes', label: t('variable.kind.alert-types', 'Alert types') },
                { value: 'detectors', label: t('variable.kind.detectors', 'Detectors') },
                {
                  value: 'dataSource',
                  label: t('variable.kind.data-source', 'This data source'),
                  description: t(
                    'variable.kind.data-source-help',
                    'Its identifier, which is the label data_source of its alert rules.'
                  ),
                },
              ]}
              value={kind}
              onChange={(value) => change({ kind: value })}
            />
          </EditorField>
          {kind === 'values' && <ColumnAndSearch query={query} datasource={datasource} onChange={change} />}
        </EditorRow>
        {kind === 'values' && (
          <VariableFilters
            query={query}
            datasource={datasource}
            range={range}
            onChange={(filters) => change({ filters })}
          />
        )}
      </EditorRows>
    </div>
  );
}

interface PartProps extends Pick<Props, 'query' | 'datasource'> {
  onChange: (changed: Partial<FluxhoundVariableQuery>) => void;
}

function ColumnAndSearch({ query, datasource, onChange }: PartProps) {
  const ids = { column: useId(), search: useId() };
  const load = useCallback(
    () => Promise.all([datasource.catalog.load(), datasource.resources.columns().catch(() => undefined)]),
    [datasource]
  );
  const loaded = useLoaded(load);
  const columns = loaded.value ? columnChoices(...loaded.value) : [];
  if (loaded.error) {
    return (
      <LoadProblem
        title={t('variable.columns-failed', 'The columns could not be read')}
        error={loaded.error}
        onRetry={loaded.retry}
      />
    );
  }
  return (
    <>
      <EditorField label={t('variable.column.label', 'Column')} htmlFor={ids.column} width={30}>
        <Combobox
          id={ids.column}
          options={columns.map((c) => ({ value: c.name, label: c.name, description: c.help }))}
          value={query.column ?? null}
          placeholder={t('variable.column.placeholder', 'Choose a column')}
          onChange={({ value }) => onChange({ column: value })}
        />
      </EditorField>
      <EditorField
        label={t('variable.search.label', 'Search')}
        htmlFor={ids.search}
        tooltip={t(
          'variable.search.help',
          'Only values that contain this text, in any case. Other variables may be used.'
        )}
      >
        <TextInput
          id={ids.search}
          value={query.search ?? ''}
          placeholder={t('variable.search.placeholder', 'All values')}
          onCommit={(search) => onChange({ search })}
        />
      </EditorField>
    </>
  );
}

interface FiltersProps extends Pick<Props, 'query' | 'datasource' | 'range'> {
  onChange: (filters: FluxhoundVariableQuery['filters']) => void;
}

function VariableFilters({ query, datasource, range, onChange }: FiltersProps) {
  const load = useCallback(() => datasource.catalog.load(), [datasource]);
  const catalog = useLoaded(load);
  return catalog.value ? (
    <FilterList
      filters={query.filters ?? NONE}
      catalog={catalog.value}
      datasource={datasource}
      range={range}
      allowVariables
      onChange={onChange}
    />
  ) : null;
}

const NONE: NonNullable<FluxhoundVariableQuery['filters']> = [];

/** Leaves out what is empty or belongs to another kind. */
function clean({ refId, kind, column, search, filters }: FluxhoundVariableQuery): FluxhoundVariableQuery {
  if (kind !== 'values') {
    return { refId, kind };
  }
  return {
    refId,
    kind,
    ...(column ? { column } : {}),
    ...(search ? { search } : {}),
    ...(filters?.length ? { filters } : {}),
  };
}
