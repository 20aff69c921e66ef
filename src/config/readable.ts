import { FluxhoundOptions } from '../types';

/** Settings of other ClickHouse data sources that mean the same here; the back end reads them too. */
export const ALIASES: Record<string, keyof FluxhoundOptions> = {
  server: 'host',
  user: 'username',
  defaultDatabase: 'database',
  defaultTable: 'table',
  encrypt: 'secure',
  insecureSkipVerify: 'tlsSkipVerify',
};

const SWITCHES = ['secure', 'tlsSkipVerify', 'tlsAuth', 'tlsAuthWithCACert', 'enableSecureSocksProxy'];
const NUMBERS = [
  'port',
  'dialTimeout',
  'queryTimeout',
  'maxOpenConns',
  'maxIdleConns',
  'connMaxLifetime',
  'rowLimit',
  'cacheTTL',
];
const TEXTS = [
  'host',
  'path',
  'username',
  'serverName',
  'database',
  'table',
  'source',
  'allowlistTable',
  'dynamicDnsSuffixTable',
];

/**
 * The stored settings under this plugin's names and in the types that its forms draw. Provisioning stores a boolean, a number or a
 * name as the file or an environment variable gave it.
 */
export function readable(stored: FluxhoundOptions): FluxhoundOptions {
  const own: Record<string, unknown> = { ...stored };
  for (const [name, alias] of Object.entries(ALIASES)) {
    if (name in own) {
      own[alias] ??= own[name];
      delete own[name];
    }
  }
  for (const [name, value] of Object.entries(own)) {
    own[name] = typed(name, value);
  }
  return own;
}

function typed(name: string, value: unknown): unknown {
  if (name === 'internalNetworks' && typeof value === 'string') {
    return value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  }
  if (SWITCHES.includes(name) && (typeof value === 'string' || typeof value === 'number')) {
    return ['true', '1'].includes(String(value).trim().toLowerCase());
  }
  if (NUMBERS.includes(name) && typeof value === 'string') {
    const text = value.trim();
    return text === '' ? undefined : Number.isInteger(Number(text)) ? Number(text) : value;
  }
  return TEXTS.includes(name) && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : value;
}
