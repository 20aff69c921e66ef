import { adHocFilters } from './adhoc';

const at = (operator: string, value: string, values?: string[]) => ({ key: 'RemoteUrl', operator, value, values });

describe('ad hoc filters', () => {
  it.each([
    ['=', at('=', 'a'), '=', ['a']],
    ['!=', at('!=', 'a'), '!=', ['a']],
    ['one of', at('=|', 'a', ['a', 'b']), 'in', ['a', 'b']],
    ['one of, from an older Grafana', at('=|', 'a'), 'in', ['a']],
    ['not one of', at('!=|', 'a', ['a', 'b']), 'notIn', ['a', 'b']],
    ['=~ with a plain text', at('=~', 'a-b_c'), '=', ['a-b_c']],
    ['=~ with an anchored text', at('=~', '^abc$'), '=', ['abc']],
    ['=~ with escaped dots', at('=~', 'evil\\.example'), '=', ['evil.example']],
    ['=~ with a list', at('=~', 'a|b'), 'in', ['a', 'b']],
    ['=~ with a list in brackets', at('=~', '(a|b\\.c)'), 'in', ['a', 'b.c']],
    ['=~ with an escaped bar', at('=~', 'a\\|b'), '=', ['a|b']],
    ['=~ with .* on both sides', at('=~', '.*evil.*'), 'contains', ['evil']],
    ['=~ with .* after', at('=~', 'evil\\..*'), 'startsWith', ['evil.']],
    ['=~ with .* before', at('=~', '.*\\.example'), 'endsWith', ['.example']],
    ['!~ with a plain text', at('!~', 'abc'), '!=', ['abc']],
    ['!~ with a list', at('!~', 'a|b'), 'notIn', ['a', 'b']],
  ])('%s', (_, given, operator, values) => {
    expect(adHocFilters([given])).toEqual([{ column: 'RemoteUrl', operator, values }]);
  });

  it('take an address with the length of a subnet for that subnet', () => {
    const subnet = { key: 'RemoteIP', operator: '=', value: '2001:db8::/32' };
    const path = { key: 'RemoteUrl', operator: '=', value: 'a.example/32' };
    expect(adHocFilters([subnet, path]).map((f) => f.operator)).toEqual(['inSubnet', '=']);
  });

  it.each([
    ['a comparison of size', at('<', '5')],
    ['a pattern with a class', at('=~', 'a[0-9]+')],
    ['a pattern with a dot', at('=~', 'a.b')],
    ['a word class', at('=~', '\\d+')],
    ['a list with a pattern in it', at('=~', 'a|b.*')],
    ['not matching a part', at('!~', '.*evil.*')],
    ['not matching anything', at('!~', '.*')],
  ])('refuse %s with what may be asked', (_, given) => {
    expect(() => adHocFilters([given])).toThrow(
      `The ad hoc filter RemoteUrl ${given.operator} ${given.value} cannot be asked`
    );
  });

  it('leave out what matches everything and what has no column yet', () => {
    expect(adHocFilters([at('=~', '.*'), { key: '', operator: '=', value: '' }])).toEqual([]);
    expect(adHocFilters(undefined)).toEqual([]);
  });
});
