import { param, spec } from '../fixtures/contract';
import { FluxhoundQuery } from '../types';
import { isChanged, paramValue, resetParams, setParam, setQueryType, unknownParams } from './params';

const query: FluxhoundQuery = { refId: 'A', queryType: 'beaconing', format: 'table' };
const minConnections = param('beaconing', 'minConnections');
const ports = param('beaconing', 'ports');

describe('parameters', () => {
  it('are their defaults until they are set', () => {
    expect(paramValue(query, minConnections)).toBe(20);
    expect(isChanged(query, minConnections)).toBe(false);
  });

  it('are saved only when they differ from the default', () => {
    const changed = setParam(query, minConnections, 30);
    expect(changed.params).toEqual({ minConnections: 30 });
    expect(isChanged(changed, minConnections)).toBe(true);
    expect(setParam(changed, minConnections, 20)).toEqual(query);
  });

  it('compare lists by their entries', () => {
    expect(setParam(query, ports, [...(ports.default as number[])])).toEqual(query);
    expect(isChanged(setParam(query, ports, [443]), ports)).toBe(true);
  });

  it('do not count as changed when a saved value equals the default', () => {
    expect(isChanged({ ...query, params: { minConnections: 20 } }, minConnections)).toBe(false);
  });

  it('go back to their defaults and leave the others', () => {
    const changed = setParam(setParam(query, minConnections, 30), ports, [443]);
    expect(resetParams(changed, [minConnections]).params).toEqual({ ports: [443] });
    expect(resetParams(changed, [minConnections, ports])).toEqual(query);
  });

  it('that the type does not have are named', () => {
    expect(unknownParams({ ...query, params: { minConnections: 1, gone: 2 } }, spec('beaconing'))).toEqual(['gone']);
  });
});

describe('another query type', () => {
  it('keeps parameters of the same name and kind', () => {
    const from: FluxhoundQuery = { ...query, params: { minConnections: 30, ports: [443] } };
    expect(setQueryType(from, spec('fastFlux'))).toEqual({
      refId: 'A',
      queryType: 'fastFlux',
      format: 'table',
      params: { minConnections: 30 },
    });
  });

  it('drops a parameter of the same name and another kind', () => {
    const from: FluxhoundQuery = { ...query, params: { minConnections: '$min' } };
    expect(setQueryType(from, spec('fastFlux')).params).toBeUndefined();
  });

  it('takes details along where it has them', () => {
    const from: FluxhoundQuery = { refId: 'A', queryType: 'cases', format: 'numeric', details: true };
    expect(setQueryType(from, spec('threatIntel')).details).toBe(true);
    expect(setQueryType(from, spec('beaconing')).details).toBeUndefined();
    expect(setQueryType(from, spec('events')).details).toBeUndefined();
  });

  it.each([
    ['keeps a format that it has', 'timeseries', 'dynamicDns', undefined, 'timeseries'],
    ['takes its first for a log query', 'logs', 'beaconing', undefined, 'table'],
    ['takes numeric in a rule', 'logs', 'beaconing', 'numeric', 'numeric'],
  ] as const)('%s', (_, format, type, preferred, want) => {
    expect(setQueryType({ ...query, format }, spec(type), preferred).format).toBe(want);
  });
});
