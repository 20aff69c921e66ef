/** What the back end takes for a setting that is not given. */
export const DEFAULTS = { username: 'default', database: 'default', table: 'network_events' };

/** What an input may hold, shown while it is empty. */
export const EXAMPLES = { host: 'clickhouse.example.com', path: '/clickhouse', setting: 'max_threads' };
