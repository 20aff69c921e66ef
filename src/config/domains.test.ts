import { allowlistVerdicts } from '../fixtures/contract';
import { checkDomain } from './domains';
import { REGISTRIES } from './registries';

describe('a domain', () => {
  it.each(allowlistVerdicts.domains)('$text is judged as the back end does: $ok', ({ text, ok }) => {
    expect(checkDomain(text, 'example.com') === undefined).toBe(ok);
  });

  it.each(['com', 'co.uk', 'CO.UK'])('%s is told to be a registry’s', (text) => {
    expect(checkDomain(text, 'example.com')).toBe(
      `A registry sells names under “${text}”: all of them would match. Give a domain under it.`
    );
  });

  it('that is none is told so with an example', () => {
    expect(checkDomain('.x', 'a.example')).toBe('Give a domain such as a.example, without a dot at either end.');
  });

  it('registries are those that the back end knows', () => {
    expect(REGISTRIES).toEqual(allowlistVerdicts.registries);
  });
});
