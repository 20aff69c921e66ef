import { FluxhoundQuery } from '../types';
import { CURRENT_VERSION, migrate, Step } from './migrate';

const query: FluxhoundQuery = { refId: 'A', queryType: 'beaconing' };

describe('migration', () => {
  it.each([
    ['a query without a version', query],
    ['a query of the current version', { ...query, version: CURRENT_VERSION }],
  ])('leaves %s as it is', (_, saved) => {
    expect(migrate(saved)).toEqual({ query: saved });
  });

  it('takes one step for each version in between, in order', () => {
    const steps: Record<number, Step> = {
      1: (q) => ({ ...q, queryType: `${q.queryType}-2` }),
      2: (q) => ({ ...q, queryType: `${q.queryType}-3` }),
    };
    expect(migrate({ ...query, version: 1 }, steps, 3).query).toEqual({
      refId: 'A',
      queryType: 'beaconing-2-3',
      version: 3,
    });
    expect(migrate({ ...query, version: 2 }, steps, 3).query.queryType).toBe('beaconing-3');
  });

  it('does not change the saved query itself', () => {
    const saved = Object.freeze({ ...query, version: 1 });
    expect(() => migrate(saved, { 1: (q) => ({ ...q, limit: 5 }) }, 2)).not.toThrow();
  });

  it.each([
    ['a newer version', CURRENT_VERSION + 1, 'newer'],
    ['version 0', 0, 'unknown'],
    ['half a version', 1.5, 'unknown'],
    ['a version in words', 'one', 'unknown'],
  ])('tells of %s and leaves the query as it is', (_, version, kind) => {
    const saved: FluxhoundQuery = JSON.parse(JSON.stringify({ ...query, version }));
    expect(migrate(saved)).toEqual({ query: saved, problem: { kind, version } });
  });

  it('tells of a version that no step leads away from', () => {
    expect(migrate({ ...query, version: 1 }, {}, 2).problem).toEqual({ kind: 'unknown', version: 1 });
  });
});
