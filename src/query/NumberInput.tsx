import React from 'react';
import { FieldValidationMessage, Input } from '@grafana/ui';

import { useDraft } from '../support/useDraft';
import { checkNumber, NumberBounds } from './numbers';

interface Props extends NumberBounds {
  id: string;
  width?: number;
  value?: number | string;
  placeholder?: string;
  suffix?: string;
  disabled?: boolean;
  /** May the text be a template variable? */
  allowVariables?: boolean;
  /** Called when the input is left or Enter is pressed with a valid text; an empty one gives nothing. */
  onCommit: (value?: number | string) => void;
}

/** A number that is checked while it is typed and handed over when it is whole. */
export function NumberInput({
  id,
  width,
  value,
  placeholder,
  suffix,
  disabled,
  allowVariables,
  onCommit,
  ...bounds
}: Props) {
  const [text, setText] = useDraft(textOf(value));

  const { value: typed, problem } = checkNumber(text, bounds, allowVariables);
  const problemId = `${id}-problem`;
  const commit = () => {
    if (!problem && typed !== value) {
      onCommit(typed);
    }
  };
  return (
    <div>
      <Input
        id={id}
        width={width}
        inputMode={bounds.integer ? 'numeric' : 'decimal'}
        value={text}
        placeholder={placeholder}
        suffix={suffix}
        disabled={disabled}
        invalid={Boolean(problem)}
        aria-invalid={Boolean(problem)}
        aria-describedby={problem ? problemId : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {problem && (
        <div id={problemId}>
          <FieldValidationMessage>{problem}</FieldValidationMessage>
        </div>
      )}
    </div>
  );
}

function textOf(value?: number | string): string {
  return value === undefined ? '' : String(value);
}
