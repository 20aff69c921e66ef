import { TimeRange } from '@grafana/data';
import { isFetchError } from '@grafana/runtime';

import { Catalog, Technique } from '../catalog';
import { Filter, FluxhoundQuery, Operator } from '../types';

/** The answer of `GET schema/columns`. */
export interface TableColumns {
  /** The table in use, database.table. */
  table: string;
  columns: CanonicalColumn[];
  /** All columns of the table, for the mapping. */
  available: Array<{ name: string; type: string }> | null;
}

export interface CanonicalColumn {
  /** Canonical. */
  name: string;
  /** The table's own; empty when it is missing. */
  column: string;
  /** The ClickHouse type; empty when it is missing. */
  type: string;
  kind: 'time' | 'string' | 'ip' | 'integer';
  required: boolean;
  present: boolean;
  help: string;
  operators: Operator[] | null;
}

/** The answer of `GET schema/tables`. */
export interface Tables {
  databases: Array<{ name: string; tables: string[] | null }>;
}

/** The answer of `GET sources`: what the settings may name as a source. */
export interface Sources {
  sources: SourceTables[];
}

/** A source and the tables that it needs. */
export interface SourceTables {
  name: string;
  /** Empty for a view. */
  help: string;
  /** The events table is a view on another product's tables. */
  view: boolean;
  /** The events table. */
  table: string;
  /** The tables beside it. */
  tables: string[];
}

/** The answer of `GET values`. */
export interface Values {
  values: string[];
  /** There are more than were asked for. */
  truncated: boolean;
}

/** The answer of `GET hunting`: the library of saved questions. */
export interface HuntingLibrary {
  questions: HuntingQuestion[];
}

export interface HuntingQuestion {
  id: string;
  /** What it is about, in a word: questions of one group stand together. */
  group: string;
  title: string;
  /** Why it is asked. */
  purpose: string;
  techniques: Technique[];
  /** The time range that it is made for, such as 24h or 7d. */
  lookback: string;
  /** What it finds where nothing is wrong. */
  normal: { text: string; deviceRows: number; fleetRows: number };
  /** How to read the answer. */
  read: string;
  query: Omit<FluxhoundQuery, 'refId'>;
}

/** The answer of `GET profile`: what the newest events can be used for, from a sample. */
export interface Profile {
  /** Events of the window, and how many of them were sampled. */
  events: number;
  sampled: number;
  /** The sample's time, in RFC 3339. */
  from: string;
  to: string;
  sensors: SensorProfile[] | null;
  /** What is not well, the gravest first. */
  verdicts: Verdict[] | null;
}

export interface SensorProfile {
  /** Empty where the table does not tell sensors apart. */
  name: string;
  events: number;
  sampled: number;
  detectors: Array<{ name: string; label: string; canMatch: number; reasons: ProfileReason[] }>;
  gaps: ProfileReason[];
}

export interface ProfileReason {
  name: string;
  /** After “of the events”. */
  meaning: string;
  /** 0 to 1. */
  share: number;
  examples: string[];
}

export interface Verdict {
  /** `error`: a detector can find nothing. `warning`: some events cannot be looked at as they could be. */
  level: 'error' | 'warning' | 'ok';
  text: string;
  fix: string;
}

export interface ValuesRequest {
  column: string;
  /** Only values that contain it, in any case. */
  search?: string;
  /** Only values of events that pass. */
  filters?: Filter[];
  /** Absent: the last seven days. */
  range?: TimeRange;
  /** At most, 1 … 10,000. */
  limit?: number;
}

/** Reads a resource of the data source by GET. */
export type Get = <T>(path: string, params?: Record<string, string | number>) => Promise<T>;

/** What the editors read from the back end. Failures come as ResourceError. */
export class Resources {
  constructor(private readonly get: Get) {}

  detectors(): Promise<Catalog> {
    return this.read('detectors');
  }

  hunting(): Promise<HuntingLibrary> {
    return this.read('hunting');
  }

  columns(): Promise<TableColumns> {
    return this.read('schema/columns');
  }

  profile(): Promise<Profile> {
    return this.read('profile');
  }

  tables(): Promise<Tables> {
    return this.read('schema/tables');
  }

  sources(): Promise<Sources> {
    return this.read('sources');
  }

  async values({ column, search, filters, range, limit = 100 }: ValuesRequest): Promise<Values> {
    const answer = await this.read<Values>('values', {
      column,
      limit,
      ...(search ? { search } : {}),
      ...(filters?.length ? { filters: JSON.stringify(filters) } : {}),
      ...(range ? { from: range.from.valueOf(), to: range.to.valueOf() } : {}),
    });
    return { ...answer, values: answer.values ?? [] };
  }

  private async read<T>(path: string, params?: Record<string, string | number>): Promise<T> {
    try {
      return await this.get<T>(path, params);
    } catch (error) {
      throw new ResourceError(error);
    }
  }
}

/** A resource that could not be read, in the back end's own words and with its hint where it gave them. */
export class ResourceError extends Error {
  readonly hint?: string;

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = 'ResourceError';
    this.hint = hintOf(cause);
  }
}

function messageOf(cause: unknown): string {
  if (isFetchError(cause)) {
    return cause.data?.message || cause.statusText || `HTTP ${cause.status}`;
  }
  return cause instanceof Error ? cause.message : String(cause);
}

function hintOf(cause: unknown): string | undefined {
  return isFetchError(cause) ? cause.data?.hint || undefined : undefined;
}
