import React, { useCallback, useMemo } from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field } from '@grafana/ui';

import { ParamSpec } from '../catalog';
import { NumberInput } from '../query/NumberInput';
import { LoadProblem } from '../support/LoadProblem';
import { useLoaded } from '../support/useLoaded';
import { SectionProps } from './ConfigEditor';
import { savedResources } from './savedResources';

interface Props extends SectionProps {
  uid: string;
}

/** What each piece of evidence of a case is worth, where it is not the detector's own. */
export function CaseWeights({ settings, uid }: Props) {
  const { json, readOnly, set } = settings;
  const resources = useMemo(() => savedResources(uid), [uid]);
  // The evidence is part of the plugin: no server is asked.
  const load = useCallback(
    async () => (uid ? weightsOf((await resources.detectors()).detectors) : []),
    [resources, uid]
  );
  const { value: weights = [], error, retry } = useLoaded(load);
  const own = json.caseWeights ?? {};
  const commit = (name: string, value: unknown) => {
    const { [name]: _, ...others } = own;
    const next = typeof value === 'number' ? { ...others, [name]: value } : others;
    set({ caseWeights: Object.keys(next).length > 0 ? next : undefined });
  };
  return (
    <ConfigSection
      title={t('config.weights.title', 'Weights of cases')}
      description={t(
        'config.weights.description',
        'What a piece of evidence adds to a case’s risk or takes from it. Queries and alert rules that name no weight go by these.'
      )}
      isCollapsible
      isInitiallyOpen={Object.keys(own).length > 0}
    >
      {error && (
        <LoadProblem
          severity="warning"
          title={t('config.weights.failed', 'The evidence could not be read; what is set stays as it is')}
          error={error}
          onRetry={retry}
        />
      )}
      {weights.map(({ name, help, min, max, default: byDefault }) => (
        <Field key={name} label={name} htmlFor={`fluxhound-weight-${name}`} description={help}>
          <NumberInput
            id={`fluxhound-weight-${name}`}
            width={24}
            integer
            min={min}
            max={max}
            disabled={readOnly}
            value={own[name]}
            placeholder={String(byDefault)}
            suffix={t('config.weights.points', 'points')}
            onCommit={(value) => commit(name, value)}
          />
        </Field>
      ))}
    </ConfigSection>
  );
}

/** The parameters of cases that are points. */
function weightsOf(types: Array<{ name: string; params: ParamSpec[] }>): ParamSpec[] {
  return types.find(({ name }) => name === 'cases')?.params.filter(({ unit }) => unit === 'points') ?? [];
}
