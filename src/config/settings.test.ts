import { checkNumber } from '../query/numbers';
import { backEndSettings } from '../fixtures/contract';
import { RESERVED } from './CustomSettingsSection';
import { DEFAULTS, PRIVATE_NETWORKS } from './defaults';
import { defaultPort } from './hosts';
import { limits } from './LimitsSection';

describe('the config editor and the back end agree', () => {
  it('on each limit, its unit, its default and its bounds', () => {
    const shown = limits().map(({ name, unit, byDefault, min, max }) => ({ name, unit, default: byDefault, min, max }));
    expect(shown).toEqual(backEndSettings.limits);
  });

  it.each(backEndSettings.limits)('on what $name may be', ({ name, min, max }) => {
    const limit = limits().find((l) => l.name === name);
    const problem = (n: number) => limit && checkNumber(String(n), { integer: true, ...limit }).problem;
    expect([min, max].map(problem)).toEqual([undefined, undefined]);
    expect([min - 1, max + 1, min + 0.5].map(problem)).toEqual([
      expect.any(String),
      expect.any(String),
      expect.any(String),
    ]);
  });

  it.each(backEndSettings.ports)('on the port of $protocol, secure $secure', ({ protocol, secure, port }) => {
    expect(defaultPort(protocol, secure)).toBe(port);
  });

  it('on the custom settings that are refused', () => {
    expect(RESERVED).toEqual(backEndSettings.reserved);
  });

  it('on the texts that an empty field stands for', () => {
    expect(DEFAULTS).toEqual(backEndSettings.texts);
  });

  it('on the networks that are inside where none are given', () => {
    expect(PRIVATE_NETWORKS).toEqual(backEndSettings.internalNetworks);
  });
});
