import { CustomVariableSupport, DataQueryRequest, DataQueryResponse, MetricFindValue } from '@grafana/data';
import { t } from '@grafana/i18n';
import { from, Observable } from 'rxjs';

import { FluxhoundDataSource } from '../datasource';
import { interpolateFilters, Interpolation, ownSearch } from '../query/interpolate';
import { FluxhoundVariableQuery } from '../types';
import { Values } from './resources';
import { VariableQueryEditor } from './VariableQueryEditor';

/** Options that a variable reads at most, as many as the back end answers. What the viewer types is searched among all. */
export const MAX_OPTIONS = 10_000;

/** The value of the option that says that there are more: no event has it. */
export const MORE = '…';

/** Dashboard variables: distinct values of a column, the alert types, the detectors, or the data source itself. */
export class VariableSupport extends CustomVariableSupport<FluxhoundDataSource, FluxhoundVariableQuery> {
  editor = VariableQueryEditor;

  constructor(private readonly datasource: FluxhoundDataSource) {
    super();
  }

  getDefaultQuery(): Partial<FluxhoundVariableQuery> {
    return { kind: 'values', column: 'DeviceName' };
  }

  query(request: DataQueryRequest<FluxhoundVariableQuery>): Observable<DataQueryResponse> {
    return from(this.options(request).then((data) => ({ data })));
  }

  private async options(request: DataQueryRequest<FluxhoundVariableQuery>): Promise<MetricFindValue[]> {
    const [query] = request.targets;
    switch (query?.kind) {
      case 'alertTypes': {
        const { detectors } = await this.datasource.catalog.load();
        return detectors.filter((d) => d.alertType !== '').map((d) => ({ text: d.alertType, value: d.alertType }));
      }
      case 'detectors': {
        const { detectors } = await this.datasource.catalog.load();
        return detectors.filter((d) => d.kind === 'detector').map((d) => ({ text: d.label, value: d.name }));
      }
      case 'dataSource': // by whatever name it was chosen, `default` among them: rules carry its identifier as a label
        return [{ text: this.datasource.name, value: this.datasource.uid }];
      default:
        return query?.column ? this.values(query, request) : [];
    }
  }

  private async values(
    query: FluxhoundVariableQuery,
    request: DataQueryRequest<FluxhoundVariableQuery>
  ): Promise<MetricFindValue[]> {
    const by = this.datasource.interpolation(request.scopedVars);
    const answer = await this.datasource.resources.values({
      column: query.column ?? '',
      search: searchText(query, by),
      filters: interpolateFilters(query.filters, by),
      range: request.range,
      limit: MAX_OPTIONS,
    });
    return withMore(answer);
  }
}

/** The values as options, with a last one that says where there are more. */
export function withMore({ values, truncated }: Values): MetricFindValue[] {
  const options = values.map((value) => ({ text: value, value }));
  if (!truncated) {
    return options;
  }
  const text = t('variable.more', '… and more than these {{number}}: type a part of the value', {
    number: values.length,
    interpolation: { escapeValue: false },
  });
  return [...options, { text, value: MORE }];
}

/** The variable's own search text; where it has none, what the viewer is typing into the variable's picker. */
function searchText(query: FluxhoundVariableQuery, { templates, scopedVars }: Interpolation): string | undefined {
  const found: unknown = scopedVars.__searchFilter?.value;
  const typed = typeof found === 'string' ? found : '';
  return templates.replace(ownSearch(query), scopedVars) || typed || undefined;
}
