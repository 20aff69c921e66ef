import { allowlistVerdicts } from '../fixtures/contract';
import { checkNetwork, checkSubnet } from './subnets';

describe('a subnet', () => {
  it.each(['203.0.113.0/24', '0.0.0.0/0', '10.1.2.3/32', '203.0.113.7/24', '2001:db8::/32', '::ffff:1.2.3.4/128'])(
    '%s is one',
    (text) => {
      expect(checkSubnet(text)).toBeUndefined();
    }
  );

  it.each(['203.0.113.0', '300.0.0.0/8', '10.0.0.0/33', '2001:db8::/129', ':::/8', '1:2/16', 'a/8', '10.0.0.0/8 '])(
    '%s is refused',
    (text) => {
      expect(checkSubnet(text)).toContain('is not a subnet');
    }
  );
});

describe('a network of the allowlist', () => {
  it.each(allowlistVerdicts.networks)('$text is judged as the back end does: $ok', ({ text, ok }) => {
    expect(checkNetwork(text) === undefined).toBe(ok);
  });

  it.each(['dead', '1.2.3.4/33'])('%s is no network and no address', (text) => {
    expect(checkNetwork(text)).toBe('Give a network such as 203.0.113.0/24, or an address.');
  });

  it.each(['0.0.0.0/0', '::/0', '1.2.3.4/0', '::ffff:0:0/96'])('%s is every address, and refused', (text) => {
    expect(checkNetwork(text)).toContain('every address there is');
  });

  it.each(['203.0.113.7/24', '2001:db8::1/32', '::ffff:203.0.113.7/120', '::ffff:0:0/90'])(
    '%s has bits beyond its length, and is refused',
    (text) => {
      expect(checkNetwork(text)).toContain('one address or its whole network');
    }
  );
});
