import { hasHostBits, isMapped, parseAddress, parseSubnet } from './addresses';

describe('an address', () => {
  it.each([
    ['203.0.113.7', [203, 0, 113, 7]],
    ['::', Array(16).fill(0)],
    ['::1', [...Array(15).fill(0), 1]],
    ['1::', [0, 1, ...Array(14).fill(0)]],
    ['2001:DB8::a:b', [0x20, 1, 0xd, 0xb8, ...Array(8).fill(0), 0, 0xa, 0, 0xb]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['::ffff:1.2.3.4', [...Array(10).fill(0), 0xff, 0xff, 1, 2, 3, 4]],
    ['1:2:3:4:5:6:1.2.3.4', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4]],
    ['1:2:3:4:5:6:7::', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
  ])('%s is read', (text, bytes) => {
    expect(parseAddress(text)).toEqual(bytes);
  });

  it.each([
    '',
    'dead',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.4 ',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3',
    '1:2:3:4:5:6:7:1.2.3.4',
    'fe80::1%eth0',
  ])('%p is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('a network', () => {
  it.each(['0.0.0.0/0', '203.0.113.7/24', '10.1.2.3/32', '2001:db8::/32', '::/128'])('%s is read', (text) => {
    expect(parseSubnet(text)).toBeDefined();
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '2001:db8::/129',
    'a/8',
    '/8',
    '1.2.3.4/8/8',
  ])('%s is none', (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  });

  it.each([
    ['203.0.113.0/24', false],
    ['203.0.113.7/24', true],
    ['203.0.113.128/25', false],
    ['203.0.113.64/25', true],
    ['10.0.0.1/32', false],
    ['1.0.0.0/0', true],
    ['2001:db8::/32', false],
    ['2001:db8:1::/33', true],
  ])('%s has bits beyond its length: %s', (text, has) => {
    const subnet = parseSubnet(text);
    expect(subnet && hasHostBits(subnet)).toBe(has);
  });

  it.each([
    ['::ffff:1.2.3.4', true],
    ['::ffff:0:1', true],
    ['::fffe:1.2.3.4', false],
    ['::1.2.3.4', false],
    ['1.2.3.4', false],
  ])('%s is IPv4 within IPv6: %s', (text, is) => {
    expect(isMapped(parseAddress(text) ?? [])).toBe(is);
  });
});
