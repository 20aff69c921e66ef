import React, { useCallback, useMemo, useState } from 'react';
import { isEqual } from 'lodash';
import { TimeRange } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { Button, Stack } from '@grafana/ui';

import { Catalog, QueryTypeSpec } from '../catalog';
import { FluxhoundDataSource } from '../datasource';
import { LoadProblem } from '../support/LoadProblem';
import { useLoaded } from '../support/useLoaded';
import { Filter, FluxhoundQuery } from '../types';
import { columnChoices } from './columns';
import { FilterRow } from './FilterRow';

interface Props {
  query: Pick<FluxhoundQuery, 'filters'>;
  catalog: Catalog;
  /** What the filters are of; absent for values of events. */
  spec?: QueryTypeSpec;
  datasource: FluxhoundDataSource;
  range?: TimeRange;
  allowVariables: boolean;
  onEdit: (query: FluxhoundQuery) => void;
}

/** The conditions that events must meet to be seen at all. */
export function FiltersSection({ query, onEdit, ...rest }: Props & { query: FluxhoundQuery }) {
  const change = (filters: Filter[]) => {
    const { filters: _, ...others } = query;
    onEdit(filters.length > 0 ? { ...others, filters } : others);
  };
  return <FilterList filters={query.filters ?? NONE} onChange={change} {...rest} />;
}

const NONE: Filter[] = [];

interface ListProps extends Omit<Props, 'query' | 'onEdit'> {
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
}

/** A list of filters. One without a value yet is kept here and not handed over: the back end would refuse it. */
export function FilterList({ filters, catalog, spec, datasource, range, allowVariables, onChange }: ListProps) {
  const [rows, setRows] = useRows(filters, onChange);

  const load = useCallback(() => datasource.resources.columns(), [datasource]);
  const table = useLoaded(load);
  const columns = useMemo(() => columnChoices(catalog, table.value, spec), [catalog, table.value, spec]);

  return (
    <EditorRow>
      <EditorField
        label={t('query.filters.label', 'Filters')}
        tooltip={t(
          'query.filters.help',
          'Only events that meet all of them are looked at. Upper and lower case differ.'
        )}
      >
        <Stack direction="column" gap={1}>
          {table.error && (
            <LoadProblem
              severity="warning"
              title={t('query.filters.columns-failed', 'The table’s columns could not be read')}
              error={table.error}
              onRetry={table.retry}
            />
          )}
          {rows.map((row, i) => (
            <FilterRow
              key={i}
              index={i + 1}
              filter={row}
              others={rows.filter((other, j) => j !== i && isComplete(other))}
              columns={columns}
              datasource={datasource}
              range={range}
              allowVariables={allowVariables}
              onChange={(changed) => setRows(rows.map((other, j) => (j === i ? changed : other)))}
              onRemove={() => setRows(rows.filter((_, j) => j !== i))}
            />
          ))}
          <div>
            <Button
              size="sm"
              variant="secondary"
              icon="plus"
              disabled={columns.length === 0}
              onClick={() => setRows([...rows, { column: columns[0].name, operator: '=', values: [] }])}
            >
              <Trans i18nKey="query.filters.add">Add a filter</Trans>
            </Button>
          </div>
        </Stack>
      </EditorField>
    </EditorRow>
  );
}

/**
 * The rows as they are edited. Only complete ones are handed over; when other filters come from outside, as from
 * Explore's filter buttons, they take the rows' place.
 */
function useRows(filters: Filter[], onChange: (filters: Filter[]) => void): [Filter[], (rows: Filter[]) => void] {
  const [state, setState] = useState({ seen: filters, handedOver: filters, rows: filters });
  const isNew = !isEqual(filters, state.seen);
  const isForeign = isNew && !isEqual(filters, state.handedOver);
  if (isForeign) {
    setState({ seen: filters, handedOver: filters, rows: filters });
  } else if (isNew) {
    setState({ ...state, seen: filters });
  }
  const edit = (rows: Filter[]) => {
    const complete = rows.filter(isComplete);
    setState({ seen: filters, handedOver: complete, rows });
    if (!isEqual(complete, state.handedOver)) {
      onChange(complete);
    }
  };
  return [isForeign ? filters : state.rows, edit];
}

function isComplete(filter: Filter): boolean {
  return filter.values.length > 0;
}
