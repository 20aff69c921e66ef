import { t } from '@grafana/i18n';

import { Operator } from '../types';

export function operatorLabel(operator: Operator): string {
  switch (operator) {
    case 'in':
      return t('query.operator.in', 'is one of');
    case 'notIn':
      return t('query.operator.not-in', 'is none of');
    case 'contains':
      return t('query.operator.contains', 'contains');
    case 'startsWith':
      return t('query.operator.starts-with', 'starts with');
    case 'endsWith':
      return t('query.operator.ends-with', 'ends with');
    case 'inSubnet':
      return t('query.operator.in-subnet', 'is in subnet');
    default:
      return operator;
  }
}

export function takesSeveral(operator: Operator): boolean {
  return operator === 'in' || operator === 'notIn' || operator === 'inSubnet';
}
