import React from 'react';
import { Input } from '@grafana/ui';

import { useDraft } from './useDraft';

interface Props {
  id: string;
  value: string;
  width?: number;
  placeholder?: string;
  onCommit: (text: string) => void;
}

/** A text that is handed over when the input is left or Enter is pressed, not at every key. */
export function TextInput({ id, value, width = 30, placeholder, onCommit }: Props) {
  const [text, setText] = useDraft(value);
  const commit = () => {
    if (text !== value) {
      onCommit(text);
    }
  };
  return (
    <Input
      id={id}
      width={width}
      value={text}
      placeholder={placeholder}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
