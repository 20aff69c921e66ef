import { t } from '@grafana/i18n';

import { Operator } from '../types';

/** A filter's operator takes one value and its variable has several. */
export class VariableValueError extends Error {
  constructor(column: string, operator: Operator, number: number) {
    super(
      t(
        'query.error.several-values',
        'The filter on {{column}} with {{operator}} takes one value, but its variable has {{number}}. Use = or in, or choose one value.',
        { column, operator, number, interpolation: { escapeValue: false } }
      )
    );
    this.name = 'VariableValueError';
  }
}

/** An ad hoc filter asks for a comparison that a structured filter cannot express. */
export class AdHocFilterError extends Error {
  constructor(key: string, operator: string, value: string) {
    super(
      t(
        'query.error.ad-hoc',
        'The ad hoc filter {{key}} {{operator}} {{value}} cannot be asked. Use =, !=, one of, not one of, or a regular expression that is a plain text with .* before or after it, or a list such as (a|b).',
        { key, operator, value, interpolation: { escapeValue: false } }
      )
    );
    this.name = 'AdHocFilterError';
  }
}
