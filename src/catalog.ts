import { Format, ParamValue } from './types';

/** What the back end can be asked: the answer of `GET detectors`. The query editor's forms are drawn from it. */
export interface Catalog {
  detectors: QueryTypeSpec[];
  defaults: {
    /** Rows of a query that names no limit. */
    limit: number;
    /** Rows at most in any answer, from the data source's settings. */
    rowLimit: number;
  };
}

/** One query type: a detector, the union of all detectors, the events themselves, or what they can be used for. */
export interface QueryTypeSpec {
  /** The query's `queryType`. */
  name: string;
  label: string;
  kind: 'detector' | 'union' | 'findings' | 'events' | 'quality';
  /** The analytic's word for its findings; empty for what is no single detector. */
  alertType: string;
  /** What it finds, in one sentence. */
  summary: string;
  technique?: Technique;
  /** What else of MITRE ATT&CK its findings may show, each with what shows it. */
  techniques?: Array<Technique & { how: string }>;
  /** The first is the default. */
  formats: Format[];
  params: ParamSpec[];
  /** Of the table format, in order. */
  columns: ColumnSpec[];
  alertValue: { column: string; unit?: string };
  /** The labels that tell findings apart, with the column that fills each. */
  labels: Array<{ name: string; column: string }>;
  /** What explains a number where the query asks for it, as further labels; absent where nothing does. */
  details?: Array<{ name: string; column: string }>;
  /** How the column of a label leads from a finding to its events, where these do not simply have the finding's value. */
  leads: Lead[];
  /** Canonical columns without which it cannot run. */
  requires: string[];
  /** Canonical columns that it uses where the table has them. */
  optional: string[];
}

/** How a column leads to events while a parameter has one of some values; always where it names no parameter. */
export interface Lead {
  column: string;
  /** `varies`: the events have several values. `host`: it is a name that the events' text contains, or an address. */
  how: 'varies' | 'host';
  param?: string;
  values?: string[];
}

export interface Technique {
  id: string;
  name: string;
  url: string;
}

export type ParamKind = 'integer' | 'number' | 'boolean' | 'enum' | 'string' | 'stringList' | 'integerList';

export interface ParamSpec {
  name: string;
  label: string;
  kind: ParamKind;
  unit?: string;
  /** Inclusive, for numbers. */
  min: number;
  /** Inclusive, for numbers; for lists the highest number of entries. */
  max: number;
  default: ParamValue;
  /** What an enum may be, and each entry of a list; absent for a list of any texts. */
  options?: string[];
  /** The detector that the parameter belongs to, in the union. */
  group?: string;
  help: string;
}

export interface ColumnSpec {
  name: string;
  kind: string;
  unit?: string;
  help?: string;
}

/** Parameters by which log context asks; the editor does not draw them. */
export const CONTEXT_PARAMS = ['contextTime', 'contextDevice', 'contextDirection'];

export function findQueryType(catalog: Catalog | undefined, name: string | undefined): QueryTypeSpec | undefined {
  return catalog?.detectors.find((d) => d.name === name);
}

/** Whether its rows are findings, which an allowlist may hide and which link to their events. */
export function findsSomething(spec: QueryTypeSpec): boolean {
  return spec.kind === 'detector' || spec.kind === 'union' || spec.kind === 'findings';
}

export function findByAlertType(catalog: Catalog, alertType: string): QueryTypeSpec | undefined {
  return catalog.detectors.find((d) => d.alertType !== '' && d.alertType === alertType);
}

/** The canonical columns that events can be filtered on. */
export function filterableColumns(catalog: Catalog): string[] {
  const events = catalog.detectors.find((d) => d.kind === 'events');
  return (events?.columns ?? []).filter((c) => c.kind !== 'time').map((c) => c.name);
}

/** The column of findings by which they are filtered as events are by theirs, and what it holds, the gravest first. */
export const SEVERITY = 'Severity';
export const SEVERITIES = ['critical', 'high', 'medium', 'low'];

/** The columns that a query of the type can be filtered on. */
export function filterableColumnsOf(catalog: Catalog, spec: QueryTypeSpec | undefined): string[] {
  return spec && findsSomething(spec) ? [...filterableColumns(catalog), SEVERITY] : filterableColumns(catalog);
}

/** Is a filter on the column a condition on events? Values of events are asked for with no other. */
export function isOfEvents(column: string): boolean {
  return column !== SEVERITY && column !== 'FindingKey';
}

/** Loads the catalog once and keeps it; a failed load is tried again at the next call. */
export class CatalogSource {
  private loading?: Promise<Catalog>;
  private loaded?: Catalog;

  constructor(private readonly fetch: () => Promise<Catalog>) {}

  /** The catalog when it is here, for code that cannot wait. */
  get current(): Catalog | undefined {
    return this.loaded;
  }

  load(): Promise<Catalog> {
    this.loading ??= this.fetch().then(
      (answer) => (this.loaded = complete(answer)),
      (error) => {
        this.loading = undefined;
        throw error;
      }
    );
    return this.loading;
  }
}

/** Go writes an empty list as null. */
function complete(answer: Catalog): Catalog {
  return {
    ...answer,
    detectors: answer.detectors.map((d) => ({
      ...d,
      params: d.params ?? [],
      columns: d.columns ?? [],
      labels: d.labels ?? [],
      leads: d.leads ?? [],
      requires: d.requires ?? [],
      optional: d.optional ?? [],
    })),
  };
}
