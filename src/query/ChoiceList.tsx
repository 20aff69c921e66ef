import React, { useState } from 'react';
import { t } from '@grafana/i18n';
import { Button, Combobox, FieldValidationMessage, Stack } from '@grafana/ui';

import { afterClick } from './afterClick';
import { isVariable } from './numbers';

interface Props {
  id: string;
  chosen: string[];
  choices: string[];
  /** Entries at most. */
  max: number;
  /** May an entry be a template variable? */
  allowVariables: boolean;
  onChange: (chosen: string[]) => void;
}

/** Several words out of a fixed set. */
export function ChoiceList({ id, chosen, choices, max, allowVariables, onChange }: Props) {
  const [problem, setProblem] = useState<string>();
  const isFull = chosen.length >= max;
  const add = (word: string) => {
    const fits = choices.includes(word) || isVariable(word);
    setProblem(fits ? undefined : noChoice(word));
    if (fits) {
      onChange([...chosen, word]);
    }
  };
  return (
    <div>
      <Stack direction="row" gap={0.5} wrap="wrap">
        {chosen.map((word) => (
          <Chosen key={word} value={word} onRemove={() => onChange(chosen.filter((other) => other !== word))} />
        ))}
        <Combobox
          id={id}
          width={24}
          disabled={isFull}
          createCustomValue={allowVariables}
          options={choices.filter((word) => !chosen.includes(word)).map((word) => ({ value: word, label: word }))}
          value={null}
          placeholder={isFull ? t('query.list.full', 'At most {{max}}', { max }) : t('query.list.choose', 'Add one')}
          onChange={afterClick((option) => add(option.value))}
        />
      </Stack>
      {problem && <FieldValidationMessage>{problem}</FieldValidationMessage>}
    </div>
  );
}

function noChoice(word: string): string {
  return t('query.list.no-choice', '“{{word}}” is none of the choices.', {
    word,
    interpolation: { escapeValue: false },
  });
}

/** A value that was picked; pressing it takes it away. */
export function Chosen({ value, onRemove }: { value: string; onRemove: () => void }) {
  const shown = value === '' ? t('query.filter.empty', '(empty)') : value;
  return (
    <Button
      variant="secondary"
      icon="times"
      aria-label={t('query.filter.remove-value', 'Remove {{shown}}', { shown, interpolation: { escapeValue: false } })}
      onClick={onRemove}
    >
      {shown}
    </Button>
  );
}
