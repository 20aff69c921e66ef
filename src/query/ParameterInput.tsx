import React from 'react';
import { Combobox, Switch } from '@grafana/ui';

import { TextInput } from '../support/TextInput';
import { afterClick } from './afterClick';
import { ChoiceList } from './ChoiceList';
import { ListInput } from './ListInput';
import { NumberInput } from './NumberInput';
import { isVariable } from './numbers';
import { ParameterProps } from './ParameterField';

/** The control for a parameter's kind. */
export function ParameterInput({ id, ...props }: ParameterProps & { id: string }) {
  const { spec, value, allowVariables, onChange } = props;
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return (
        <NumberInput
          id={id}
          width={24}
          integer={spec.kind === 'integer'}
          min={spec.min}
          max={spec.max}
          value={typeof value === 'number' || typeof value === 'string' ? value : undefined}
          placeholder={String(spec.default)}
          suffix={spec.unit}
          allowVariables={allowVariables}
          onCommit={(next) => onChange(next ?? spec.default)}
        />
      );
    case 'boolean':
      return <Switch id={id} value={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'enum':
      return (
        <Combobox
          id={id}
          width={24}
          options={(spec.options ?? []).map((option) => ({ value: option, label: option }))}
          value={String(value)}
          onChange={afterClick((option) => onChange(option.value))}
        />
      );
    case 'stringList':
    case 'integerList':
      return spec.options ? (
        <ChoiceList
          id={id}
          chosen={Array.isArray(value) ? value.map(String) : []}
          choices={spec.options}
          max={spec.max}
          allowVariables={allowVariables}
          onChange={onChange}
        />
      ) : (
        <ListInput
          id={id}
          entries={Array.isArray(value) ? value.map(String) : [String(value)]}
          integers={spec.kind === 'integerList'}
          max={spec.max}
          allowVariables={allowVariables}
          onChange={(entries) => onChange(spec.kind === 'integerList' ? entries.map(numberOrVariable) : entries)}
        />
      );
    default:
      return <TextInput id={id} width={24} value={String(value)} onCommit={onChange} />;
  }
}

function numberOrVariable(entry: string): string | number {
  return isVariable(entry) ? entry : Number(entry);
}
