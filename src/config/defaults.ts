/** What the back end takes for a setting that is not given. */
export const DEFAULTS = { username: 'default', database: 'default', table: 'network_events' };

/** The networks that are inside where none are given. It is the back end's list. */
export const PRIVATE_NETWORKS = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

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
  indicators: 'indicators',
  ledger: 'network_events_name_networks',
  destinations: 'network_events_destinations',
  asnDictionary: 'default.asn',
  verdictsUsername: 'fluxhound_verdicts',
};
