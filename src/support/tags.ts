import { AdHocVariableFilter, DataSourceGetTagValuesOptions, MetricFindValue } from '@grafana/data';

import { isOfEvents } from '../catalog';
import { adHocFilters } from '../query/adhoc';
import { Filter } from '../types';
import { Resources } from './resources';
import { MAX_OPTIONS, withMore } from './VariableSupport';

/** The columns that ad hoc filters may name: those of the table that can be filtered on. */
export async function tagKeys(resources: Resources): Promise<MetricFindValue[]> {
  const { columns } = await resources.columns();
  return columns
    .filter((c) => c.present && c.operators !== null && c.operators.length > 0)
    .map((c) => ({ text: c.name, value: c.name }));
}

/** A column's values among the events that pass the other ad hoc filters. */
export async function tagValues(
  resources: Resources,
  options: DataSourceGetTagValuesOptions
): Promise<MetricFindValue[]> {
  const answer = await resources.values({
    column: options.key,
    limit: MAX_OPTIONS,
    filters: others(options.key, options.filters),
    range: options.timeRange,
  });
  return withMore(answer);
}

function others(key: string, filters: AdHocVariableFilter[] = []): Filter[] {
  return adHocFilters(filters.filter((f) => f.key !== key && f.value !== '' && isOfEvents(f.key)));
}
