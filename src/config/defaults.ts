/** What the back end takes for a setting that is not given. */
export const DEFAULTS = { username: 'default', database: 'default', table: 'network_events' };

/** What an input may hold, shown while it is empty. */
export const EXAMPLES = {
  host: 'clickhouse.example.com',
  path: '/clickhouse',
  setting: 'max_threads',
  settingValue: '4',
  domain: 'updates.example.com',
  network: '203.0.113.0/24',
  process: 'updater.exe',
  device: 'WS-1',
  detector: '',
  reason: '',
  owner: '',
  expires: '2030-12-31',
  allowlistTable: 'allowlist',
  suffix: 'dyn.example.com',
  suffixTable: 'dynamic_dns_suffixes',
  asnDictionary: 'default.asn',
};
