import { t } from '@grafana/i18n';

import { AllowlistEntry } from '../types';

/** The fields of an entry in the order in which they are shown. */
export const FIELDS = ['domain', 'network', 'process', 'device', 'detector', 'reason', 'owner', 'expires'] as const;

export type EntryField = (typeof FIELDS)[number];

/** The fields that say what an entry hides: one at least is needed. */
const SAYING: EntryField[] = ['domain', 'network', 'process', 'device'];

/**
 * What is wrong with an entry, by field. It is what can be seen as one types; the back end knows more, such as which
 * suffixes registries sell names under, and its health check says so.
 */
export function problemsOf(entry: AllowlistEntry): Partial<Record<EntryField, string>> {
  const problems: Partial<Record<EntryField, string>> = {};
  if (!SAYING.some((field) => entry[field])) {
    problems.domain = t('config.allowlist.nothing', 'Give at least one of domain, network, process and device.');
  } else if (entry.domain && !isDomain(entry.domain)) {
    problems.domain = t('config.allowlist.domain-invalid', 'Give a domain such as updates.example.com.');
  }
  if (entry.network && !/^[0-9a-fA-F:.]+(\/\d{1,3})?$/.test(entry.network)) {
    problems.network = t('config.allowlist.network-invalid', 'Give a network such as 203.0.113.0/24, or an address.');
  }
  if (!entry.reason?.trim()) {
    problems.reason = t('config.allowlist.reason-missing', 'Say why its findings are harmless.');
  }
  if (!entry.owner?.trim()) {
    problems.owner = t('config.allowlist.owner-missing', 'Say who answers for it.');
  }
  if (entry.expires && !isDay(entry.expires) && !isInstant(entry.expires)) {
    problems.expires = t('config.allowlist.expires-invalid', 'Give a day such as 2030-12-31.');
  }
  return problems;
}

/** Two labels or more, without dots at the ends. The back end knows which of them are registries’ own. */
export function isDomain(text: string): boolean {
  return /^[^\s./:*]+(\.[^\s./:*]+)+$/.test(text);
}

function isDay(text: string): boolean {
  const day = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day) && new Date(day).toJSON().startsWith(text);
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** Sets a field; an empty one is taken out. */
export function withField(entry: AllowlistEntry, field: EntryField, value: string): AllowlistEntry {
  const { [field]: _, ...rest } = entry;
  return value === '' ? rest : { ...rest, [field]: value };
}

export function fieldLabel(field: EntryField): string {
  switch (field) {
    case 'domain':
      return t('config.allowlist.domain', 'Domain');
    case 'network':
      return t('config.allowlist.network', 'Network');
    case 'process':
      return t('config.allowlist.process', 'Process');
    case 'device':
      return t('config.allowlist.device', 'Device');
    case 'detector':
      return t('config.allowlist.detector', 'Detector');
    case 'reason':
      return t('config.allowlist.reason', 'Reason');
    case 'owner':
      return t('config.allowlist.owner', 'Owner');
    case 'expires':
      return t('config.allowlist.expires', 'Expires');
  }
}
