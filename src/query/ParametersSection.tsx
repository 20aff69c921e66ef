import React from 'react';
import { t, Trans } from '@grafana/i18n';
import { Badge, Button, Stack } from '@grafana/ui';

import { Catalog, CONTEXT_PARAMS, ParamSpec, QueryTypeSpec } from '../catalog';
import { Fold } from '../support/Fold';
import { FluxhoundQuery } from '../types';
import { ParameterField } from './ParameterField';
import { isChanged, paramValue, resetParams, setParam, unknownParams } from './params';
import { UnknownParams } from './UnknownParams';

interface Props {
  query: FluxhoundQuery;
  spec: QueryTypeSpec;
  catalog: Catalog;
  allowVariables: boolean;
  onEdit: (query: FluxhoundQuery) => void;
}

/** The query type's parameters, drawn from the catalog; in the union a group for each detector. */
export function ParametersSection({ query, spec, catalog, allowVariables, onEdit }: Props) {
  const unknown = unknownParams(query, spec);
  return (
    <>
      {unknown.length > 0 && <UnknownParams names={unknown} query={query} onEdit={onEdit} />}
      {groupsOf(spec, catalog).map(({ label, params }) => (
        <ParameterGroup
          key={label}
          label={label}
          params={params}
          query={query}
          allowVariables={allowVariables}
          onEdit={onEdit}
        />
      ))}
    </>
  );
}

interface Group {
  label: string;
  params: ParamSpec[];
}

function groupsOf(spec: QueryTypeSpec, catalog: Catalog): Group[] {
  const groups = new Map<string, Group>();
  for (const param of spec.params.filter((p) => !CONTEXT_PARAMS.includes(p.name))) {
    const name = param.group ?? '';
    const detector = catalog.detectors.find((d) => d.name === name)?.label ?? name;
    const label = name
      ? t('query.params.group', 'Parameters of {{detector}}', { detector })
      : t('query.params.label', 'Parameters');
    const group = groups.get(name) ?? { label, params: [] };
    group.params.push(param);
    groups.set(name, group);
  }
  return [...groups.values()];
}

interface GroupProps extends Group {
  query: FluxhoundQuery;
  allowVariables: boolean;
  onEdit: (query: FluxhoundQuery) => void;
}

function ParameterGroup({ label, params, query, allowVariables, onEdit }: GroupProps) {
  const changed = params.filter((p) => isChanged(query, p));
  return (
    <Fold
      label={
        <Stack direction="row" gap={1} alignItems="center">
          {label}
          {changed.length > 0 && (
            <Badge color="blue" text={t('query.params.changed', '{{number}} changed', { number: changed.length })} />
          )}
        </Stack>
      }
    >
      <Stack direction="row" wrap="wrap" gap={3}>
        {params.map((param) => (
          <ParameterField
            key={param.name}
            spec={param}
            value={paramValue(query, param)}
            isChanged={changed.includes(param)}
            allowVariables={allowVariables}
            onChange={(value) => onEdit(setParam(query, param, value))}
            onReset={() => onEdit(resetParams(query, [param]))}
          />
        ))}
      </Stack>
      {changed.length > 0 && (
        <Button
          size="sm"
          variant="secondary"
          fill="text"
          icon="history"
          onClick={() => onEdit(resetParams(query, params))}
        >
          <Trans i18nKey="query.params.reset-all">Reset all to their defaults</Trans>
        </Button>
      )}
    </Fold>
  );
}
