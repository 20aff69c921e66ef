import React from 'react';
import { CoreApp, PanelData, TimeRange } from '@grafana/data';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';

import { Catalog, findQueryType, findsSomething, QueryTypeSpec } from '../catalog';
import { FluxhoundDataSource } from '../datasource';
import { FluxhoundQuery } from '../types';
import { AlertFormatNotice } from './AlertFormatNotice';
import { AlertRangeNotice } from './AlertRangeNotice';
import { isAlerting } from './defaults';
import { DetectorSection, Summary } from './DetectorSection';
import { ExploreRangeNotice } from './ExploreRangeNotice';
import { FiltersSection } from './FiltersSection';
import { OutputSection } from './OutputSection';
import { setQueryType } from './params';
import { ParametersSection } from './ParametersSection';
import { WhatRuns } from './WhatRuns';

interface Props {
  query: FluxhoundQuery;
  catalog: Catalog;
  datasource: FluxhoundDataSource;
  app?: CoreApp;
  data?: PanelData;
  range?: TimeRange;
  fixedFormat?: FluxhoundQuery['format'];
  onEdit: (query: FluxhoundQuery) => void;
}

/** The form of one query: what is looked for, in which form, among which events, and how strictly. */
export function QueryForm({ query, catalog, datasource, app, data, range, fixedFormat, onEdit }: Props) {
  const spec = findQueryType(catalog, query.queryType);
  const choices = fixedFormat ? catalog.detectors.filter(findsSomething) : catalog.detectors;
  return (
    <div data-testid="fluxhound-query-editor">
      <EditorRows>
        <EditorRow>
          <DetectorSection
            queryType={query.queryType}
            choices={choices}
            spec={spec}
            onChange={(chosen) => onEdit(setQueryType(query, chosen, isAlerting(app) ? 'numeric' : undefined))}
          />
          {spec && (
            <OutputSection
              query={query}
              spec={spec}
              defaults={catalog.defaults}
              hideFormat={fixedFormat !== undefined}
              onEdit={onEdit}
            />
          )}
          {spec && <Summary spec={spec} />}
        </EditorRow>
        {spec && isAlerting(app) && <AlertFormatNotice query={query} spec={spec} onEdit={onEdit} />}
        {spec && isAlerting(app) && findsSomething(spec) && <AlertRangeNotice range={range} />}
        {spec && app === CoreApp.Explore && looksAtEvents(spec) && (
          <ExploreRangeNotice query={query} datasourceUid={datasource.uid} range={range} />
        )}
        {spec && (
          <>
            <FiltersSection
              query={query}
              catalog={catalog}
              spec={spec}
              datasource={datasource}
              range={range}
              allowVariables={!isAlerting(app)}
              onEdit={onEdit}
            />
            <ParametersSection
              query={query}
              spec={spec}
              catalog={catalog}
              allowVariables={!isAlerting(app)}
              onEdit={onEdit}
            />
            <WhatRuns data={data} refId={query.refId} />
          </>
        )}
      </EditorRows>
    </div>
  );
}

/** Does it find something in the events of the time range? What is kept was found in others. */
function looksAtEvents(spec: QueryTypeSpec): boolean {
  return findsSomething(spec) && spec.kind !== 'findings';
}
