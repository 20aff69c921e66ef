import { FluxhoundQuery } from '../types';

/** The version of the query's shape that this plugin writes and that the back end reads. */
export const CURRENT_VERSION = 1;

/** Turns a query of one version into the next one's shape. */
export type Step = (query: FluxhoundQuery) => FluxhoundQuery;

/**
 * The step from each version to the next: `STEPS[1]` makes version 2 of version 1. A change of the shape adds one here,
 * raises CURRENT_VERSION, and does the same in the back end, where rules are evaluated as they were saved.
 */
const STEPS: Record<number, Step> = {};

export type Migrated =
  { query: FluxhoundQuery; problem?: undefined } | { query: FluxhoundQuery; problem: VersionProblem };

/** Why a query cannot be brought to the current version. */
export type VersionProblem = { kind: 'newer' | 'unknown'; version: unknown };

/**
 * Brings a saved query to the current version. A query without a version is of the current one. A query of a version
 * that this plugin does not know comes back as it is, with the problem: it must be shown, never dropped.
 */
export function migrate(saved: FluxhoundQuery, steps = STEPS, current = CURRENT_VERSION): Migrated {
  const version: unknown = saved.version ?? current;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    return { query: saved, problem: { kind: 'unknown', version } };
  }
  if (version > current) {
    return { query: saved, problem: { kind: 'newer', version } };
  }
  let query = saved;
  for (let from = version; from < current; from++) {
    const step = steps[from];
    if (!step) {
      return { query: saved, problem: { kind: 'unknown', version } };
    }
    query = { ...step(query), version: from + 1 };
  }
  return { query };
}
