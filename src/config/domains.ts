import { t } from '@grafana/i18n';

import { parseAddress } from '../query/addresses';
import { REGISTRIES } from './registries';

/**
 * Says what is wrong with a domain that names are to lie under. What it does not see, such as a registry's rarer suffixes
 * and faults in names that are not ASCII, the back end's health check says.
 */
export function checkDomain(text: string, example: string): string | undefined {
  if (!isDomain(text)) {
    return t('config.domain.invalid', 'Give a domain such as {{example}}, without a dot at either end.', {
      example,
      interpolation: { escapeValue: false },
    });
  }
  if (isRegistrys(text)) {
    return t(
      'config.domain.registry',
      'A registry sells names under “{{text}}”: all of them would match. Give a domain under it.',
      { text, interpolation: { escapeValue: false } }
    );
  }
  return undefined;
}

function isDomain(text: string): boolean {
  return text.length <= 253 && !parseAddress(text) && text.split('.').every(isLabel);
}

function isLabel(label: string): boolean {
  return /^[\x21-\x7e]*$/.test(label)
    ? /^(?!-)(?!..--)[A-Za-z0-9_-]{0,62}[A-Za-z0-9_]$/.test(label) || /^xn--[A-Za-z0-9-]{1,59}$/i.test(label)
    : !/[\s./:*?#@]/.test(label);
}

/** Is it a suffix that registries sell names under, such as com and co.uk? */
function isRegistrys(text: string): boolean {
  const [label, code, ...more] = text.toLowerCase().split('.');
  return code === undefined || (more.length === 0 && (REGISTRIES[label]?.split(' ').includes(code) ?? false));
}
