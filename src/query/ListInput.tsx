import React, { useState } from 'react';
import { t } from '@grafana/i18n';
import { FieldValidationMessage, TagsInput } from '@grafana/ui';

import { isVariable } from './numbers';

interface Props {
  id: string;
  entries: string[];
  /** Entries are whole numbers. */
  integers?: boolean;
  /** Entries at most. */
  max?: number;
  allowVariables?: boolean;
  disabled?: boolean;
  /** Says what is wrong with an entry. */
  check?: (entry: string) => string | undefined;
  onChange: (entries: string[]) => void;
}

/** A list of texts or whole numbers: type one and press Enter. An entry that does not fit is refused with a reason. */
export function ListInput({ id, entries, integers, max, allowVariables, disabled, check, onChange }: Props) {
  const [problem, setProblem] = useState<string>();

  const change = (next: string[]) => {
    const added = next.find((entry) => !entries.includes(entry))?.trim();
    const found = added === undefined ? undefined : problemOf(added, next.length);
    setProblem(found);
    if (!found) {
      onChange(next.map((entry) => entry.trim()));
    }
  };

  const problemOf = (entry: string, count: number): string | undefined => {
    if (allowVariables && isVariable(entry)) {
      return undefined;
    }
    if (entry === '') {
      return t('query.list.empty', 'An entry must not be empty.');
    }
    if (integers && !/^-?\d+$/.test(entry)) {
      return t('query.list.not-whole', '“{{entry}}” is not a whole number.', {
        entry,
        interpolation: { escapeValue: false },
      });
    }
    if (max !== undefined && count > max) {
      return t('query.list.too-many', 'At most {{max}} entries are allowed.', { max });
    }
    return check?.(entry);
  };

  return (
    <div>
      <TagsInput
        id={id}
        tags={entries}
        autoColors={false}
        addOnBlur
        disabled={disabled}
        invalid={Boolean(problem)}
        placeholder={t('query.list.placeholder', 'Add an entry with Enter')}
        onChange={change}
      />
      {problem && <FieldValidationMessage>{problem}</FieldValidationMessage>}
    </div>
  );
}
