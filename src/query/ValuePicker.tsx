import React, { useCallback, useState } from 'react';
import { getTemplateSrv } from '@grafana/runtime';
import { t } from '@grafana/i18n';
import { Combobox, ComboboxOption, FieldValidationMessage, Text } from '@grafana/ui';

import { isOfEvents } from '../catalog';
import { Filter } from '../types';
import { afterClick } from './afterClick';
import { ColumnChoice } from './columns';
import { FilterRowProps } from './FilterRow';
import { interpolateFilters } from './interpolate';

interface Props extends Pick<FilterRowProps, 'filter' | 'others' | 'datasource' | 'range' | 'allowVariables'> {
  id: string;
  column?: ColumnChoice;
  value: string | null;
  onPick: (value: string) => void;
}

/** Picks one value of a column: a template variable, one of the values that the events have, or any other text. */
export function ValuePicker({ id, filter, others, column, datasource, range, allowVariables, value, onPick }: Props) {
  const [problem, setProblem] = useState<string>();
  /** How many values are listed where there are more. */
  const [listed, setListed] = useState<number>();
  const { isText, values: known } = column ?? {};
  const load = useCallback(
    async (search: string): Promise<Array<ComboboxOption<string>>> => {
      const own = [...(allowVariables ? variables(search) : []), ...(isText && search === '' ? [empty()] : [])];
      if (known) {
        const values = known.filter((v) => v.includes(search.toLowerCase()));
        return [...own, ...values.map((v) => ({ value: v, label: v }))];
      }
      try {
        const answer = await datasource.resources.values({
          column: filter.column,
          search,
          range,
          filters: withoutVariables(others, datasource),
        });
        setProblem(undefined);
        setListed(answer.truncated ? answer.values.length : undefined);
        return [...own, ...answer.values.map((v) => ({ value: v, label: v }))];
      } catch (error) {
        setProblem(error instanceof Error ? error.message : String(error));
        return own;
      }
    },
    [allowVariables, isText, known, datasource, filter.column, others, range]
  );
  return (
    <div>
      <Combobox
        id={id}
        width={30}
        createCustomValue
        options={load}
        value={value === '' ? empty() : value}
        placeholder={t('query.filter.pick', 'Choose or type a value')}
        onChange={afterClick((option) => onPick(option.value))}
      />
      {problem && <FieldValidationMessage>{problem}</FieldValidationMessage>}
      {listed !== undefined && !problem && (
        <Text variant="bodySmall" color="secondary" element="p">
          {t('query.filter.more', 'There are more than the {{number}} listed: type a part of the value.', {
            number: listed,
          })}
        </Text>
      )}
    </div>
  );
}

function variables(search: string): Array<ComboboxOption<string>> {
  return getTemplateSrv()
    .getVariables()
    .map((v) => `$${v.name}`)
    .filter((name) => name.toLowerCase().includes(search.toLowerCase()))
    .map((name) => ({ value: name, label: name, description: t('query.filter.variable', 'Template variable') }));
}

function empty(): ComboboxOption<string> {
  return { value: '', label: t('query.filter.empty', '(empty)') };
}

/** The conditions on events, without variables. */
function withoutVariables(filters: Filter[], { type }: FilterRowProps['datasource']): Filter[] {
  const ofEvents = filters.filter((f) => isOfEvents(f.column));
  return interpolateFilters(ofEvents, { templates: getTemplateSrv(), scopedVars: {}, pluginId: type });
}
