import { checkHosts, defaultPort } from './hosts';

describe('a list of hosts', () => {
  it.each([
    'localhost',
    'clickhouse.example.com',
    '10.0.0.1',
    'a:9000',
    'a:9000, b:9440',
    '[2001:db8::1]:9000',
    '[::1]',
    '2001:db8::1',
    'a,',
  ])('%s is fine', (text) => {
    expect(checkHosts(text)).toBeUndefined();
  });

  it.each(['', '  ', ','])('%p is none', (text) => {
    expect(checkHosts(text)).toContain('Give the name or address');
  });

  it.each(['http://a', 'a/b', 'user@a', 'a b', 'a:0', 'a:65536', 'a:x', 'a?x', 'ok,bad/'])('%s is refused', (text) => {
    expect(checkHosts(text)).toContain('must be a name or name:port');
  });
});

describe('the default port', () => {
  it.each([
    ['native', false, 9000],
    ['native', true, 9440],
    ['http', false, 8123],
    ['http', true, 8443],
  ] as const)('of %s, secure %s, is %d', (protocol, secure, port) => {
    expect(defaultPort(protocol, secure)).toBe(port);
  });
});
