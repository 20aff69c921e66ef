/** An IP address or network as its bytes: 4 of IPv4, 16 of IPv6. */
export type Bytes = number[];

/** A network in CIDR notation: its first address, as it is written, and the number of bits that are fixed. */
export interface Subnet {
  address: Bytes;
  bits: number;
}

/** Reads an address as the back end does: no zeros in front, no zone. */
export function parseAddress(text: string): Bytes | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

/** Reads a network as the back end does; bits beyond its length may be set. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, start, length] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const address = start === undefined ? undefined : parseAddress(start);
  const bits = Number(length);
  return address && bits <= address.length * 8 ? { address, bits } : undefined;
}

/** Are bits set beyond the network's length, so that the text may mean one address as well as a network? */
export function hasHostBits({ address, bits }: Subnet): boolean {
  return address.some((byte, i) => {
    const fixed = Math.min(Math.max(bits - i * 8, 0), 8);
    return (byte & (0xff >> fixed)) !== 0;
  });
}

/** Is it IPv4 in IPv6's clothes, as ::ffff:203.0.113.7? */
export function isMapped(address: Bytes): boolean {
  return address.length === 16 && address.slice(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
}

/** A network of IPv4 in IPv6's clothes as the IPv4 network that it says. */
export function unmap({ address, bits }: Subnet): Subnet {
  return isMapped(address) && bits >= 96 ? { address: address.slice(12), bits: bits - 96 } : { address, bits };
}

function parseIPv4(text: string): Bytes | undefined {
  const parts = text.split('.');
  const isWhole = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return isWhole ? parts.map(Number) : undefined;
}

function parseIPv6(text: string): Bytes | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  const [head, tail] = halves.map((half, i) => groupsOf(half, i === halves.length - 1));
  if (!head || halves.length === 1) {
    return head?.length === 16 ? head : undefined;
  }
  // The two colons stand for one group at least.
  return tail && head.length + tail.length <= 14
    ? [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail]
    : undefined;
}

/** The bytes of groups of hexadecimal digits; the last two of an address may be written as IPv4. */
function groupsOf(text: string, isEnd: boolean): Bytes | undefined {
  if (text === '') {
    return [];
  }
  const groups = text.split(':');
  const bytes: Bytes = [];
  for (const [i, group] of groups.entries()) {
    const embedded = isEnd && i === groups.length - 1 && group.includes('.') ? parseIPv4(group) : undefined;
    if (embedded) {
      bytes.push(...embedded);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      bytes.push(parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff);
    } else {
      return undefined;
    }
  }
  return bytes;
}
