import {
  AdHocVariableFilter,
  CoreApp,
  DataFrame,
  DataQueryRequest,
  DataQueryResponse,
  DataSourceGetTagValuesOptions,
  DataSourceInstanceSettings,
  DataSourceWithLogsContextSupport,
  DataSourceWithQueryModificationSupport,
  DataSourceWithSupplementaryQueriesSupport,
  DataSourceWithToggleableQueryFiltersSupport,
  isDataFrame,
  LogRowContextOptions,
  LogRowModel,
  MetricFindValue,
  QueryFixAction,
  ScopedVars,
  SupplementaryQueryOptions,
  SupplementaryQueryType,
  TestDataSourceResponse,
  ToggleFilterAction,
} from '@grafana/data';
import { config, DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { defer, from, lastValueFrom, Observable, of } from 'rxjs';
import { catchError, map, switchMap } from 'rxjs/operators';

import { Catalog, CatalogSource, findQueryType } from './catalog';
import { withFilterableCells } from './explore/filterableCells';
import { withFindingLinks } from './explore/findingLinks';
import { hasFilter, MODIFICATIONS, modifyQuery, toggleFilter } from './explore/labelFilters';
import { contextQuery, contextRequest } from './explore/logContext';
import { volumeQuery, volumeRequest, withLevel } from './explore/logsVolume';
import { withVerdictActions } from './explore/verdictActions';
import { adHocFilters } from './query/adhoc';
import { defaultQuery } from './query/defaults';
import { queryDisplayText } from './query/displayText';
import { containsTemplate, Interpolation, interpolateFilters, interpolateParams } from './query/interpolate';
import { migrate } from './query/migrate';
import { ownFields } from './query/outgoing';
import { annotationSupport } from './support/annotations';
import { gravestFirst, weightsFirst } from './support/gravestFirst';
import { testResult } from './support/health';
import { Resources } from './support/resources';
import { tagKeys, tagValues } from './support/tags';
import { VariableSupport } from './support/VariableSupport';
import { Filter, FluxhoundOptions, FluxhoundQuery } from './types';

/** Joins Grafana's interfaces to what answers them; each decision is in the file that is named after it. */
export class FluxhoundDataSource
  extends DataSourceWithBackend<FluxhoundQuery, FluxhoundOptions>
  implements
    DataSourceWithLogsContextSupport<FluxhoundQuery>,
    DataSourceWithSupplementaryQueriesSupport<FluxhoundQuery>,
    DataSourceWithToggleableQueryFiltersSupport<FluxhoundQuery>,
    DataSourceWithQueryModificationSupport<FluxhoundQuery>
{
  readonly resources: Resources;
  readonly catalog: CatalogSource;
  annotations = annotationSupport;

  constructor(settings: DataSourceInstanceSettings<FluxhoundOptions>) {
    super(settings);
    this.resources = new Resources((path, params) => this.getResource(path, params, { showErrorAlert: false }));
    this.catalog = new CatalogSource(() => this.resources.detectors());
    this.variables = new VariableSupport(this);
  }

  getDefaultQuery(app?: CoreApp): Partial<FluxhoundQuery> {
    return defaultQuery(app);
  }

  getQueryDisplayText(query: FluxhoundQuery): string {
    return queryDisplayText(migrate(query).query, this.catalog.current);
  }

  filterQuery(query: FluxhoundQuery): boolean {
    return Boolean(query.queryType);
  }

  async testDatasource(): Promise<TestDataSourceResponse> {
    return testResult(await this.callHealthCheck());
  }

  query(request: DataQueryRequest<FluxhoundQuery>): Observable<DataQueryResponse> {
    // The catalog tells parameters' types and what a finding links to. Without it queries run all the same.
    const catalog = defer(() => from(this.catalog.load())).pipe(catchError(() => of(undefined)));
    return (config.publicDashboardAccessToken ? of(undefined) : catalog).pipe(
      switchMap((known) =>
        super.query(request).pipe(
          map((response) => ({
            ...response,
            data: response.data.map((frame) => (isDataFrame(frame) ? this.finish(frame, request, known) : frame)),
          }))
        )
      )
    );
  }

  applyTemplateVariables(query: FluxhoundQuery, scopedVars: ScopedVars, adHoc?: AdHocVariableFilter[]): FluxhoundQuery {
    const by = this.interpolation(scopedVars);
    const { filters, params, allowlist, ...rest } = ownFields(migrate(query).query);
    const all: Filter[] = [...interpolateFilters(filters, by), ...adHocFilters(adHoc)];
    return {
      ...rest,
      ...(params
        ? { params: interpolateParams(params, by, findQueryType(this.catalog.current, query.queryType)?.params) }
        : {}),
      ...(all.length > 0 ? { filters: all } : {}),
      ...(allowlist ? { allowlist: by.templates.replace(allowlist, scopedVars) } : {}),
    };
  }

  /** Rules are evaluated without a dashboard: Grafana warns about a query with variables. */
  targetContainsTemplate(query: FluxhoundQuery): boolean {
    const texts = [
      ...(query.filters ?? []).flatMap((f) => f.values),
      ...Object.values(query.params ?? {}).flat(),
      query.allowlist,
    ];
    return containsTemplate(texts, getTemplateSrv());
  }

  interpolation(scopedVars: ScopedVars): Interpolation {
    return { templates: getTemplateSrv(), scopedVars, pluginId: this.type };
  }

  getTagKeys(): Promise<MetricFindValue[]> {
    return tagKeys(this.resources);
  }

  getTagValues(options: DataSourceGetTagValuesOptions<FluxhoundQuery>): Promise<MetricFindValue[]> {
    return tagValues(this.resources, options);
  }

  getSupportedSupplementaryQueryTypes(): SupplementaryQueryType[] {
    return [SupplementaryQueryType.LogsVolume];
  }

  getSupplementaryQuery(options: SupplementaryQueryOptions, query: FluxhoundQuery): FluxhoundQuery | undefined {
    return options.type === SupplementaryQueryType.LogsVolume ? volumeQuery(query) : undefined;
  }

  getSupplementaryRequest(
    type: SupplementaryQueryType,
    request: DataQueryRequest<FluxhoundQuery>
  ): DataQueryRequest<FluxhoundQuery> | undefined {
    return volumeRequest(type, request);
  }

  getLogRowContext(row: LogRowModel, options?: LogRowContextOptions): Promise<DataQueryResponse> {
    return lastValueFrom(this.query(contextRequest(row, options, this.getRef())));
  }

  async getLogRowContextQuery(
    row: LogRowModel,
    _?: LogRowContextOptions,
    query?: FluxhoundQuery
  ): Promise<FluxhoundQuery> {
    return contextQuery(row, query);
  }

  getSupportedQueryModifications(): string[] {
    return MODIFICATIONS;
  }

  modifyQuery(query: FluxhoundQuery, action: QueryFixAction): FluxhoundQuery {
    return modifyQuery(query, action, this.catalog.current);
  }

  toggleQueryFilter(query: FluxhoundQuery, filter: ToggleFilterAction): FluxhoundQuery {
    return toggleFilter(query, filter, this.catalog.current);
  }

  queryHasFilter(query: FluxhoundQuery, options: Record<string, string>): boolean {
    return hasFilter(query, options);
  }

  private finish(frame: DataFrame, request: DataQueryRequest<FluxhoundQuery>, catalog?: Catalog): DataFrame {
    const ordered = request.app === CoreApp.Explore ? weightsFirst(frame) : gravestFirst(frame);
    if (!catalog) {
      return withLevel(ordered);
    }
    const target = request.targets.find((q) => q.refId === frame.refId);
    const explored = request.app === CoreApp.Explore ? findQueryType(catalog, target?.queryType) : undefined;
    return withFindingLinks(withVerdictActions(withFilterableCells(withLevel(ordered), catalog, explored), this.uid), {
      datasourceUid: this.uid,
      explore: mayExplore(),
      query: target && this.applyTemplateVariables(target, request.scopedVars, request.filters),
      catalog,
    });
  }
}

/** A link to Explore is of no use to a viewer who may not open it: what somebody may not do, Grafana does not name. */
function mayExplore(): boolean {
  return config.exploreEnabled && Boolean(config.bootData.user.permissions?.['datasources:explore']);
}
