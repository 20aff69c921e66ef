import { t } from '@grafana/i18n';

import { hasHostBits, parseAddress, parseSubnet, unmap } from './addresses';

/** Says what is wrong with a filter's subnet. Bits beyond its length are of no account there. */
export function checkSubnet(entry: string): string | undefined {
  return parseSubnet(entry)
    ? undefined
    : t('query.subnet.invalid', '“{{entry}}” is not a subnet such as 203.0.113.0/24 or 2001:db8::/32.', {
        entry,
        interpolation: { escapeValue: false },
      });
}

/** Says what is wrong with a network or address that is inside. Bits beyond its length are of no account there. */
export function checkInside(entry: string): string | undefined {
  return parseAddress(entry) || parseSubnet(entry)
    ? undefined
    : t('config.networks.invalid', '“{{entry}}” is not a network such as 10.0.0.0/8, and not an address.', {
        entry,
        interpolation: { escapeValue: false },
      });
}

/**
 * Says what is wrong with a network or address that findings are to be hidden by. What may mean more than was meant is
 * refused, as the back end does: every address there is, and bits beyond the network's length.
 */
export function checkNetwork(entry: string): string | undefined {
  if (parseAddress(entry)) {
    return undefined;
  }
  const written = parseSubnet(entry);
  const subnet = written && unmap(written);
  if (!subnet) {
    return t('config.allowlist.network-invalid', 'Give a network such as 203.0.113.0/24, or an address.');
  }
  if (subnet.bits === 0) {
    return t('config.allowlist.network-all', 'It is every address there is: give a smaller network.');
  }
  if (hasHostBits(subnet)) {
    return t(
      'config.allowlist.network-host-bits',
      'It may mean one address or its whole network: write the address alone, or the network’s first address.'
    );
  }
  return undefined;
}
