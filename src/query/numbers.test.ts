import { checkNumber, isVariable } from './numbers';

const bounds = { integer: true, min: 1, max: 100 };

describe('a number that is typed', () => {
  it.each([
    ['', undefined],
    ['  ', undefined],
    ['1', 1],
    ['100', 100],
    [' 7 ', 7],
    ['1e2', 100],
  ])('%p is %p', (text, value) => {
    expect(checkNumber(text, bounds)).toEqual(value === undefined ? {} : { value });
  });

  it.each([
    ['x', 'It must be a number.'],
    ['NaN', 'It must be a number.'],
    ['Infinity', 'It must be a number.'],
    ['1.5', 'It must be a whole number.'],
    ['0', 'It may be 1 to 100.'],
    ['101', 'It may be 1 to 100.'],
    ['$min', 'It must be a number.'],
  ])('%p is refused: %s', (text, problem) => {
    expect(checkNumber(text, bounds)).toEqual({ problem });
  });

  it('may have a fraction where whole is not asked', () => {
    expect(checkNumber('0.5', { min: 0, max: 1 })).toEqual({ value: 0.5 });
  });

  it('may be a variable where one is allowed', () => {
    expect(checkNumber('$min', bounds, true)).toEqual({ value: '$min' });
  });
});

describe('a variable', () => {
  it.each(['$a', '${a}', '${a:csv}', '[[a]]'])('%s is one', (text) => expect(isVariable(text)).toBe(true));
  it.each(['a', '$', '$a b', '1$a', '${a'])('%s is none', (text) => expect(isVariable(text)).toBe(false));
});
