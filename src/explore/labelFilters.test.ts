import { catalog } from '../fixtures/contract';
import { Filter, FluxhoundQuery } from '../types';
import { hasFilter, modifyQuery, toggleFilter } from './labelFilters';

const query: FluxhoundQuery = { refId: 'A', queryType: 'events' };
const is: Filter = { column: 'DeviceName', operator: '=', values: ['WS-1'] };
const isNot: Filter = { ...is, operator: '!=' };
const options = { key: 'DeviceName', value: 'WS-1' };

describe('filter for and filter out', () => {
  it.each<[string, Filter[], 'FILTER_FOR' | 'FILTER_OUT', Filter[] | undefined]>([
    ['adds the condition', [], 'FILTER_FOR', [is]],
    ['adds its opposite', [], 'FILTER_OUT', [isNot]],
    ['takes the condition away when it is there', [is], 'FILTER_FOR', undefined],
    ['replaces the opposite', [isNot], 'FILTER_FOR', [is]],
    ['replaces the condition by its opposite', [is], 'FILTER_OUT', [isNot]],
  ])('%s', (_, filters, type, want) => {
    expect(toggleFilter({ ...query, filters }, { type, options }, catalog).filters).toEqual(want);
  });

  it('tells whether the condition is there', () => {
    expect(hasFilter({ ...query, filters: [is] }, options)).toBe(true);
    expect(hasFilter({ ...query, filters: [isNot] }, options)).toBe(false);
    expect(hasFilter(query, options)).toBe(false);
  });

  it('from a table’s cell adds the condition once', () => {
    const once = modifyQuery(query, { type: 'ADD_FILTER', options }, catalog);
    expect(modifyQuery(once, { type: 'ADD_FILTER', options }, catalog).filters).toEqual([is]);
    expect(modifyQuery(once, { type: 'ADD_FILTER_OUT', options }, catalog).filters).toEqual([isNot]);
  });

  it.each(['beaconing', 'alerts', 'findings'])('takes the severity of %s, which events have not', (queryType) => {
    const options = { key: 'Severity', value: 'high' };
    const want: Filter = { column: 'Severity', operator: '=', values: ['high'] };
    const findings = { ...query, queryType };
    expect(modifyQuery(findings, { type: 'ADD_FILTER', options }, catalog).filters).toEqual([want]);
    expect(modifyQuery(findings, { type: 'ADD_FILTER_OUT', options }, catalog).filters).toEqual([
      { ...want, operator: '!=' },
    ]);
    expect(toggleFilter(findings, { type: 'FILTER_FOR', options }, catalog).filters).toEqual([want]);
    expect(modifyQuery(query, { type: 'ADD_FILTER', options }, catalog)).toBe(query);
  });

  it.each([
    ['a field that is no column of the events', { key: 'ConnectionCount', value: '5' }],
    ['the time', { key: 'Timestamp', value: '5' }],
    ['no field', {}],
  ])('leaves the query for %s', (_, given) => {
    expect(modifyQuery(query, { type: 'ADD_FILTER', options: given as Record<string, string> }, catalog)).toBe(query);
    expect(toggleFilter(query, { type: 'FILTER_FOR', options: given as Record<string, string> }, catalog)).toBe(query);
  });

  it('leaves the query for an action that it does not know', () => {
    expect(modifyQuery(query, { type: 'ADD_STRING_FILTER', options }, catalog)).toBe(query);
  });
});
