import { param } from '../fixtures/contract';
import { templates } from '../fixtures/templates';
import { Filter } from '../types';
import { interpolateFilters, interpolateParams, Interpolation } from './interpolate';

const PLUGIN = 'fluxhound-detections-datasource';

function by(variables: Parameters<typeof templates>[0], scopedVars: Interpolation['scopedVars'] = {}): Interpolation {
  return { templates: templates(variables), scopedVars, pluginId: PLUGIN };
}

function filter(operator: Filter['operator'], ...values: string[]): Filter {
  return { column: 'DeviceName', operator, values };
}

describe('template variables in filters', () => {
  const devices = { device: { value: ['WS-1', 'WS-2'] }, one: { value: 'WS-1' }, site: { value: ['a', 'b'] } };

  it.each<[string, Filter, Filter[]]>([
    ['one value stays one', filter('=', '$one'), [filter('=', 'WS-1')]],
    ['several values turn = into in', filter('=', '$device'), [filter('in', 'WS-1', 'WS-2')]],
    ['several values turn != into notIn', filter('!=', '$device'), [filter('notIn', 'WS-1', 'WS-2')]],
    ['values join those beside them', filter('in', 'DC-1', '${device}'), [filter('in', 'DC-1', 'WS-1', 'WS-2')]],
    ['a text around is kept for each value', filter('in', 'x-$device-y'), [filter('in', 'x-WS-1-y', 'x-WS-2-y')]],
    ['two variables give every combination', filter('in', '$site$site'), [filter('in', 'aa', 'ab', 'ba', 'bb')]],
    ['an inline format is the author’s choice', filter('=', '${device:csv}'), [filter('=', 'WS-1,WS-2')]],
    ['an unknown variable stays as it is', filter('=', '$missing'), [filter('=', '$missing')]],
    ['a text without variables is not touched', filter('contains', 'C:\\x'), [filter('contains', 'C:\\x')]],
  ])('%s', (_, given, want) => {
    expect(interpolateFilters([given], by(devices))).toEqual(want);
  });

  it.each(['contains', 'startsWith', 'endsWith'] as const)(
    'several values are refused by %s with a reason',
    (operator) => {
      expect(() => interpolateFilters([filter(operator, '$device')], by(devices))).toThrow(
        `The filter on DeviceName with ${operator} takes one value, but its variable has 2`
      );
    }
  );

  it('several values are several subnets', () => {
    const nets = { net: { value: ['10.0.0.0/8', '192.0.2.0/24'] } };
    const given: Filter = { column: 'RemoteIP', operator: 'inSubnet', values: ['$net'] };
    expect(interpolateFilters([given], by(nets))).toEqual([{ ...given, values: nets.net.value }]);
  });

  it.each<[string, string | string[]]>([
    ['no value is chosen', []],
    ['its value is empty', ''],
  ])('a condition goes away when %s', (_, value) => {
    expect(interpolateFilters([filter('=', '$device')], by({ device: { value } }))).toEqual([]);
  });

  it('an empty text that was typed is a value', () => {
    expect(interpolateFilters([filter('=', '')], by({}))).toEqual([filter('=', '')]);
  });

  it('scoped values win, as in repeated panels', () => {
    const scoped = { device: { value: 'WS-9', text: 'WS-9' } };
    expect(interpolateFilters([filter('=', '$device')], by(devices, scoped))).toEqual([filter('=', 'WS-9')]);
  });

  it.each([
    ['regular expression characters', 'a.b*c+d?(e|f)[g]{h}^$'],
    ['text that looks like SQL', `' OR 1=1; DROP TABLE network_events; --`],
    ['a query parameter', '{x:String}'],
    ['quotes and backslashes', `"\\'\\\\`],
    ['glob characters', '{a,b}'],
    ['another variable', '$one'],
  ])('%s in a value stay as they are', (_, value) => {
    expect(
      interpolateFilters([filter('in', '$evil')], by({ evil: { value: [value] }, one: { value: 'WS-1' } }))
    ).toEqual([filter('in', value)]);
  });
});

describe('All', () => {
  const all = (query: object, model: object = {}) => ({
    device: {
      value: ['WS-1', 'WS-2'],
      model: { type: 'query', datasource: { type: PLUGIN }, query, current: { value: ['$__all'] }, ...model },
    },
  });
  const everyDevice = { kind: 'values', column: 'DeviceName' };

  it('of a variable with every value of the column is no condition', () => {
    expect(interpolateFilters([filter('=', '$device')], by(all(everyDevice)))).toEqual([]);
    expect(interpolateFilters([filter('in', '$device')], by(all(everyDevice)))).toEqual([]);
  });

  const listed = [filter('in', 'WS-1', 'WS-2')];
  it.each<[string, ReturnType<typeof all>]>([
    ['a search narrows the variable', all({ ...everyDevice, search: 'WS' })],
    ['a search narrows it beside what is typed', all({ ...everyDevice, search: 'WS${__searchFilter}' })],
    ['filters narrow the variable', all({ ...everyDevice, filters: [filter('=', 'x')] })],
    ['a regular expression narrows the variable', all(everyDevice, { regex: '/WS/' })],
    ['the variable lists another column', all({ kind: 'values', column: 'RemoteUrl' })],
    ['the variable is another data source’s', all(everyDevice, { datasource: { type: 'prometheus' } })],
    ['the variable is a list that was typed', all(everyDevice, { type: 'custom' })],
    ['the variable is not at All', all(everyDevice, { current: { value: ['WS-1', 'WS-2'] } })],
  ])('is its listed values when %s', (_, variables) => {
    expect(interpolateFilters([filter('=', '$device')], by(variables))).toEqual(listed);
  });

  it('is its listed values where they are excluded: nothing else would be left', () => {
    expect(interpolateFilters([filter('!=', '$device')], by(all(everyDevice)))).toEqual([
      filter('notIn', 'WS-1', 'WS-2'),
    ]);
  });

  it('is one value in a panel that is repeated for each', () => {
    const scoped = { device: { value: 'WS-2', text: 'WS-2' } };
    expect(interpolateFilters([filter('=', '$device')], by(all(everyDevice), scoped))).toEqual([filter('=', 'WS-2')]);
  });
});

describe('template variables in parameters', () => {
  const specs = [
    param('beaconing', 'minConnections'),
    param('beaconing', 'minBeaconRate'),
    param('beaconing', 'includeIPv6'),
    param('beaconing', 'ports'),
    param('dynamicDns', 'domains'),
    param('dynamicDns', 'match'),
  ];
  const variables = {
    min: { value: '30' },
    rate: { value: '0.25' },
    on: { value: 'true' },
    ports: { value: ['443', '8443'] },
    word: { value: 'suffix' },
    names: { value: ['a.example', 'b.example'] },
    text: { value: 'many' },
  };

  it.each([
    ['a whole number', { minConnections: '$min' }, { minConnections: 30 }],
    ['a number', { minBeaconRate: '$rate' }, { minBeaconRate: 0.25 }],
    ['a switch', { includeIPv6: '$on' }, { includeIPv6: true }],
    ['a word', { match: '$word' }, { match: 'suffix' }],
    ['a list of numbers', { ports: [80, '$ports'] }, { ports: [80, 443, 8443] }],
    ['a list of texts', { domains: ['$names', 'c.example'] }, { domains: ['a.example', 'b.example', 'c.example'] }],
    ['a list that is one variable', { domains: '$names' }, { domains: ['a.example', 'b.example'] }],
    ['what is no variable', { minConnections: 7, includeIPv6: false }, { minConnections: 7, includeIPv6: false }],
    ['a text that is no number, which the back end names', { minConnections: '$text' }, { minConnections: 'many' }],
  ])('give the parameter’s type: %s', (_, given, want) => {
    expect(interpolateParams(given, by(variables), specs)).toEqual(want);
  });
});
