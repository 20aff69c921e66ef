import { allowlistVerdicts } from '../fixtures/contract';
import { checkExpiry, isExpired } from './expiry';

describe('an expiry', () => {
  it.each(allowlistVerdicts.expiries)('$text is judged as the back end does: $ok', ({ text, ok }) => {
    expect(checkExpiry(text) === undefined).toBe(ok);
  });

  it.each([
    ['2030-12-31', '2030-12-31T23:59:59.999Z', false],
    ['2030-12-31', '2031-01-01T00:00:00Z', true],
    ['2030-12-31T12:00:00Z', '2030-12-31T11:59:59Z', false],
    ['2030-12-31T12:00:00Z', '2030-12-31T12:00:00Z', true],
    ['2030-12-31T12:00:00+02:00', '2030-12-31T10:00:00Z', true],
    ['never', '2030-12-31T10:00:00Z', false],
  ])('%s at %s has passed: %s', (text, now, passed) => {
    expect(isExpired(text, Date.parse(now))).toBe(passed);
  });
});
