import { DataSourceJsonData } from '@grafana/data';
import { DataQuery } from '@grafana/schema';

/** The shape of the answer, as in the back end's `format`. */
export type Format = 'table' | 'timeseries' | 'numeric' | 'logs' | 'summary';

/** How a filter compares; which column allows which comes from `GET schema/columns`. Case counts. */
export type Operator = '=' | '!=' | 'in' | 'notIn' | 'contains' | 'startsWith' | 'endsWith' | 'inSubnet';

/** One condition on one canonical column. Only `in`, `notIn` and `inSubnet` take several values. */
export interface Filter {
  column: string;
  operator: Operator;
  values: string[];
}

/** A parameter's value in the JSON type that its kind names, or a text with a template variable in it. */
export type ParamValue = string | number | boolean | Array<string | number>;

export type Params = Record<string, ParamValue>;

/** A query as it is saved in a dashboard, a rule or a link: only what differs from the defaults is in it. */
export interface FluxhoundQuery extends DataQuery {
  /** A detector's name, `alerts` or `events`: the `name` of an entry in the catalog. */
  queryType?: string;
  format?: Format;
  params?: Params;
  filters?: Filter[];
  /** Rows at most, 1 … the data source's row limit. Absent: the back end's default. */
  limit?: number;
  /** What to do with the data source's allowlist: `apply`, `ignore`, or a template variable. Absent: apply it. */
  allowlist?: string;
  /** Whether each number of the numeric format carries what explains it as further labels. Absent: no. */
  details?: boolean;
  /** The version of this shape. Absent: the current one. */
  version?: number;
}

/** A variable's query: what its options are. */
export interface FluxhoundVariableQuery extends DataQuery {
  kind: 'values' | 'alertTypes' | 'detectors' | 'dataSource';
  /** For `values`: the canonical column whose distinct values are the options. */
  column?: string;
  /** For `values`: only those that contain this text, in any case. */
  search?: string;
  /** For `values`: only those of events that pass. */
  filters?: Filter[];
}

/** Where and how to reach ClickHouse, in the official ClickHouse plugin's words where it has them. */
export interface FluxhoundOptions extends DataSourceJsonData {
  /** A name or address, or several `name:port` separated by commas. */
  host?: string;
  port?: number;
  protocol?: Protocol;
  secure?: boolean;
  /** The path of the HTTP interface behind a proxy. */
  path?: string;
  username?: string;
  tlsSkipVerify?: boolean;
  tlsAuth?: boolean;
  tlsAuthWithCACert?: boolean;
  serverName?: string;
  /** Seconds. */
  dialTimeout?: number;
  /** Seconds. */
  queryTimeout?: number;
  maxOpenConns?: number;
  maxIdleConns?: number;
  /** Minutes. */
  connMaxLifetime?: number;
  customSettings?: CustomSetting[];
  database?: string;
  table?: string;
  /** Whose tables these are, by the source's name; absent for a table of one's own. */
  source?: string;
  /** Canonical column → the column of the user's table. */
  columns?: Record<string, string>;
  /** Networks and addresses that are inside; an import asks, and no query. */
  internalNetworks?: string[];
  /** Rows at most in any answer. */
  rowLimit?: number;
  /** Seconds that viewers share an answer; 0 for not at all. */
  cacheTTL?: number;
  /** Findings that are known and harmless. */
  allowlist?: AllowlistEntry[];
  /** A table of such entries, in the database. */
  allowlistTable?: string;
  /** Domains of dynamic DNS providers beside the known ones. */
  dynamicDnsSuffixes?: DynamicDnsSuffix[];
  /** A table of such domains, in the database. */
  dynamicDnsSuffixTable?: string;
  /** A dictionary of autonomous systems, perhaps with its database and a dot in front. */
  asnDictionary?: string;
  /** Tables of further lists, in the database, by the list's name: indicators of threat intelligence. */
  listTables?: Record<string, string>;
  /** Points of evidence for and against a case, where they differ from the detector's own. */
  caseWeights?: Record<string, number>;
  /** Further questions that findings are kept of. */
  keptQuestions?: KeptQuestion[];
  /** The ClickHouse user who writes verdicts; absent for none, and no verdict is taken. */
  verdictsUsername?: string;
  /** Grafana's own: reach ClickHouse through its secure socks proxy. */
  enableSecureSocksProxy?: boolean;
}

export type Protocol = 'native' | 'http';

export interface CustomSetting {
  setting: string;
  value: string;
}

/** What an entry hides: findings that every field fits. An absent field fits all. */
export interface AllowlistEntry {
  domain?: string;
  network?: string;
  process?: string;
  device?: string;
  detector?: string;
  reason?: string;
  owner?: string;
  /** A day, which is in, or an instant. */
  expires?: string;
}

export interface DynamicDnsSuffix {
  suffix: string;
  provider?: string;
}

export interface FluxhoundSecrets {
  password?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
  verdictsPassword?: string;
}

/** A question that findings are kept of; spans are such as 5m or 24h. */
export interface KeptQuestion {
  name?: string;
  queryType: string;
  params?: Params;
  lookback?: string;
  every?: string;
}
