import { t } from '@grafana/i18n';

export interface NumberBounds {
  /** Only whole numbers. */
  integer?: boolean;
  /** Inclusive. */
  min: number;
  /** Inclusive. */
  max: number;
}

/**
 * Reads a number that a person typed. An empty text is no value; a template variable stays a text where it is allowed.
 * The problem says what the number may be.
 */
export function checkNumber(
  text: string,
  { integer, min, max }: NumberBounds,
  allowVariables = false
): { value?: number | string; problem?: string } {
  const typed = text.trim();
  if (typed === '') {
    return {};
  }
  if (allowVariables && isVariable(typed)) {
    return { value: typed };
  }
  const value = Number(typed);
  if (!Number.isFinite(value)) {
    return { problem: t('query.number.not-a-number', 'It must be a number.') };
  }
  if (integer && !Number.isInteger(value)) {
    return { problem: t('query.number.not-whole', 'It must be a whole number.') };
  }
  if (value < min || value > max) {
    return { problem: t('query.number.range', 'It may be {{min}} to {{max}}.', { min, max }) };
  }
  return { value };
}

/** Is the text one template variable, $name or ${name} with a format? */
export function isVariable(text: string): boolean {
  return /^(\$\w+|\$\{[^}]+\}|\[\[\w+(:\w+)?\]\])$/.test(text);
}
