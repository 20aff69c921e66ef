import { t } from '@grafana/i18n';

/** Says what is wrong with a subnet; IPv6 beyond its characters is the back end's to judge. */
export function checkSubnet(entry: string): string | undefined {
  return isIPv4Subnet(entry) || isIPv6Subnet(entry)
    ? undefined
    : t('query.subnet.invalid', '“{{entry}}” is not a subnet such as 203.0.113.0/24 or 2001:db8::/32.', {
        entry,
        interpolation: { escapeValue: false },
      });
}

function isIPv4Subnet(entry: string): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(entry);
  return match !== null && match.slice(1, 5).every((n) => Number(n) <= 255) && Number(match[5]) <= 32;
}

function isIPv6Subnet(entry: string): boolean {
  const match = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(entry);
  return match !== null && match[1].includes(':') && Number(match[2]) <= 128;
}
