import { useState } from 'react';

/** A text that is being typed; it starts anew whenever the value that it edits changes from outside. */
export function useDraft(value: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState({ of: value, text: value });
  if (draft.of !== value) {
    setDraft({ of: value, text: value });
  }
  return [draft.of === value ? draft.text : value, (text) => setDraft({ of: value, text })];
}
