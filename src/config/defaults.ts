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

/** The detectors that an allowlist's entry may name, before the server can be asked. It is the back end's list. */
export const DETECTORS = ['beaconing', 'dynamicDns', 'fastFlux', 'cases'];
