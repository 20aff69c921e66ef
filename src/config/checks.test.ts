import { checkPath, checkPem, checkServerName } from './checks';

describe('a path', () => {
  it.each(['', '/', '/clickhouse', 'clickhouse', '/a/b/', '/a%20b'])('%p is fine', (text) => {
    expect(checkPath(text)).toBeUndefined();
  });

  it.each(['http://a/b', '//a', '/a?x=1', '/a#b', '/a b', '/a\\b'])('%p is refused', (text) => {
    expect(checkPath(text)).toBe('Give a path such as /clickhouse, without scheme, host, ? and #.');
  });
});

describe('a server name', () => {
  it.each(['', 'clickhouse', 'clickhouse.example.com', '10.0.0.1', '2001:db8::1'])('%p is fine', (text) => {
    expect(checkServerName(text)).toBeUndefined();
  });

  it.each(['https://a', 'a:9440', 'a/b', 'a b', '.a', 'a.', '*.example.com', 'bücher.example'])(
    '%p is refused',
    (text) => {
      expect(checkServerName(text)).toContain('Give a name such as clickhouse.example.com, or an address');
    }
  );
});

describe('a block of PEM', () => {
  const block = (kind: string) => `-----BEGIN ${kind}-----\nAA==\n-----END ${kind}-----\n`;

  it.each([
    ['', 'CERTIFICATE'],
    [block('CERTIFICATE'), 'CERTIFICATE'],
    [block('CERTIFICATE') + block('CERTIFICATE'), 'CERTIFICATE'],
    [block('EC PRIVATE KEY'), 'PRIVATE KEY'],
  ])('%j is fine as a %s', (text, kind) => {
    expect(checkPem(text, kind)).toBeUndefined();
  });

  it.each([
    ['AA==', 'It must be PEM and begin with -----BEGIN CERTIFICATE-----'],
    [block('PRIVATE KEY'), 'It must be PEM and begin with -----BEGIN CERTIFICATE-----'],
    ['-----BEGIN CERTIFICATE-----\nAA==', 'It is cut off: it must end with -----END CERTIFICATE-----'],
  ])('%j is refused', (text, problem) => {
    expect(checkPem(text, 'CERTIFICATE')).toBe(problem);
  });
});
