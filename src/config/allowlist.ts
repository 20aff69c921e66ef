import { t } from '@grafana/i18n';

import { checkNetwork } from '../query/subnets';
import { AllowlistEntry } from '../types';
import { EXAMPLES } from './defaults';
import { checkDomain } from './domains';
import { checkExpiry, isExpired } from './expiry';

/** The fields of an entry in the order in which they are shown. */
export const FIELDS = ['domain', 'network', 'process', 'device', 'detector', 'reason', 'owner', 'expires'] as const;

export type EntryField = (typeof FIELDS)[number];

/** The fields that say what an entry hides: one at least is needed. */
const SAYING: EntryField[] = ['domain', 'network', 'process', 'device'];

/** Bytes of a text at most, as in the back end. */
const LONGEST = 1000;

/**
 * What is wrong with an entry, by field. It is what can be seen as one types; the back end knows more, such as all the
 * suffixes that registries sell names under, and its health check says so. Without the names of the detectors any is taken.
 */
export function problemsOf(
  entry: AllowlistEntry,
  now: number,
  detectors?: string[]
): Partial<Record<EntryField, string>> {
  const problems: Partial<Record<EntryField, string>> = {};
  for (const field of FIELDS) {
    const problem = formProblem(entry[field]) ?? fieldProblem(field, fieldText(entry, field), now, detectors);
    if (problem) {
      problems[field] = problem;
    }
  }
  if (!SAYING.some((field) => entry[field])) {
    problems.domain = t('config.allowlist.nothing', 'Give at least one of domain, network, process and device.');
  }
  return problems;
}

/** Has the entry expired? Such a one hides nothing. */
export function hasExpired(entry: AllowlistEntry, now: number): boolean {
  return isExpired(fieldText(entry, 'expires'), now);
}

/** A field's text; what was provisioned in another type is shown all the same. */
export function fieldText(entry: AllowlistEntry, field: EntryField): string {
  const value: unknown = entry[field];
  return value === undefined || value === null ? '' : String(value);
}

function formProblem(value: unknown): string | undefined {
  if (value !== undefined && value !== null && typeof value !== 'string') {
    return t('config.allowlist.no-text', 'It must be a text: put it in quotes where it is provisioned.');
  }
  if (typeof value === 'string' && new Blob([value]).size > LONGEST) {
    return t('config.allowlist.too-long', 'It must have at most {{max}} bytes.', { max: LONGEST });
  }
  return undefined;
}

function fieldProblem(field: EntryField, text: string, now: number, detectors?: string[]): string | undefined {
  switch (field) {
    case 'domain':
      return text === '' ? undefined : checkDomain(text, EXAMPLES.domain);
    case 'network':
      return text === '' ? undefined : checkNetwork(text);
    case 'detector':
      return text === '' || !detectors || detectors.includes(text)
        ? undefined
        : t('config.allowlist.detector-unknown', 'It may be {{list}}, or empty for all.', {
            list: detectors.join(', '),
          });
    case 'reason':
      return text.trim() !== ''
        ? undefined
        : t('config.allowlist.reason-missing', 'Say why its findings are harmless.');
    case 'owner':
      return text.trim() !== '' ? undefined : t('config.allowlist.owner-missing', 'Say who answers for it.');
    case 'expires':
      return text === '' ? undefined : (checkExpiry(text) ?? expiredText(text, now));
    default:
      return undefined;
  }
}

function expiredText(text: string, now: number): string | undefined {
  return isExpired(text, now)
    ? t('config.allowlist.expired-help', 'It has expired: the entry hides nothing. Renew or remove it.')
    : undefined;
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

/** What a field says, and what holds where it is empty. */
export function fieldHelp(field: EntryField): string {
  switch (field) {
    case 'domain':
      return t('config.allowlist.domain-help', 'The host is it or lies under it. Default: any.');
    case 'network':
      return t('config.allowlist.network-help', 'The address lies in it: CIDR, or one address. Default: any.');
    case 'process':
      return t('config.allowlist.process-help', 'The process’s file name, in any case. Default: any.');
    case 'device':
      return t('config.allowlist.device-help', 'DeviceName or DeviceId; case counts. Default: any.');
    case 'detector':
      return t('config.allowlist.detector-help', 'Whose findings it hides. Default: all.');
    case 'reason':
      return t('config.allowlist.reason-help', 'Why they are harmless.');
    case 'owner':
      return t('config.allowlist.owner-help', 'Who answers for it.');
    case 'expires':
      return t('config.allowlist.expires-help', 'Its last day, in UTC, or an instant. Default: never.');
  }
}
