import React, { useId } from 'react';
import { t } from '@grafana/i18n';
import { Stack } from '@grafana/ui';

import { TextInput } from '../support/TextInput';
import { Chosen } from './ChoiceList';
import { ColumnChoice } from './columns';
import { FilterRowProps } from './FilterRow';
import { ListInput } from './ListInput';
import { checkSubnet } from './subnets';
import { ValuePicker } from './ValuePicker';

interface Props extends FilterRowProps {
  column?: ColumnChoice;
  /** Hides a label from view, not from screen readers. */
  labelClass: string;
}

/** The values of one filter, in the control that its operator asks for. */
export function FilterValues({ labelClass, column, ...props }: Props) {
  const { index, filter, allowVariables, onChange } = props;
  const id = useId();
  const setValues = (values: string[]) => onChange({ ...filter, values });
  return (
    <div>
      <label htmlFor={id} className={labelClass}>
        {t('query.filter.value', 'Value of filter {{index}}', { index })}
      </label>
      {control()}
    </div>
  );

  function control() {
    switch (filter.operator) {
      case 'contains':
      case 'startsWith':
      case 'endsWith':
        return (
          <TextInput
            id={id}
            value={filter.values[0] ?? ''}
            placeholder={t('query.filter.text', 'Text or $variable')}
            onCommit={(text) => setValues(text === '' ? [] : [text])}
          />
        );
      case 'inSubnet':
        return (
          <ListInput
            id={id}
            entries={filter.values}
            allowVariables={allowVariables}
            check={checkSubnet}
            onChange={setValues}
          />
        );
      case 'in':
      case 'notIn':
        return (
          <Stack direction="row" gap={0.5} wrap="wrap">
            {filter.values.map((value) => (
              <Chosen key={value} value={value} onRemove={() => setValues(filter.values.filter((v) => v !== value))} />
            ))}
            <ValuePicker
              {...props}
              id={id}
              column={column}
              value={null}
              onPick={(value) => !filter.values.includes(value) && setValues([...filter.values, value])}
            />
          </Stack>
        );
      default:
        return (
          <ValuePicker
            {...props}
            id={id}
            column={column}
            value={filter.values[0] ?? null}
            onPick={(value) => setValues([value])}
          />
        );
    }
  }
}
