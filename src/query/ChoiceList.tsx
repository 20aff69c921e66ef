import React from 'react';
import { t } from '@grafana/i18n';
import { Button, Combobox, Stack } from '@grafana/ui';

interface Props {
  id: string;
  chosen: string[];
  choices: string[];
  onChange: (chosen: string[]) => void;
}

/** Several words out of a fixed set. */
export function ChoiceList({ id, chosen, choices, onChange }: Props) {
  return (
    <Stack direction="row" gap={0.5} wrap="wrap">
      {chosen.map((word) => (
        <Chosen key={word} value={word} onRemove={() => onChange(chosen.filter((other) => other !== word))} />
      ))}
      <Combobox
        id={id}
        width={24}
        options={choices.filter((word) => !chosen.includes(word)).map((word) => ({ value: word, label: word }))}
        value={null}
        placeholder={t('query.list.choose', 'Add one')}
        onChange={(option) => onChange([...chosen, option.value])}
      />
    </Stack>
  );
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
