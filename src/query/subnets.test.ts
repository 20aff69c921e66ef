import { checkSubnet } from './subnets';

describe('a subnet', () => {
  it.each(['203.0.113.0/24', '0.0.0.0/0', '10.1.2.3/32', '2001:db8::/32', '::ffff:1.2.3.4/128'])(
    '%s is one',
    (text) => {
      expect(checkSubnet(text)).toBeUndefined();
    }
  );

  it.each(['203.0.113.0', '300.0.0.0/8', '10.0.0.0/33', '2001:db8::/129', 'a/8', '10.0.0.0/8 '])(
    '%s is refused',
    (text) => {
      expect(checkSubnet(text)).toContain('is not a subnet');
    }
  );
});
