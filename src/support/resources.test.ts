import { resourceFault } from '../fixtures/datasource';
import { ResourceError, Resources } from './resources';

describe('a resource', () => {
  it('that fails gives the back end’s words and hint', async () => {
    const get = jest.fn().mockRejectedValue(resourceFault(502, { message: '[network] refused', hint: 'Start it.' }));
    const error = await new Resources(get).columns().catch((e) => e);
    expect(error).toBeInstanceOf(ResourceError);
    expect(error).toMatchObject({ message: '[network] refused', hint: 'Start it.' });
  });

  it.each([
    ['an answer without words', resourceFault(503, {}), 'HTTP 503'],
    ['an error of the browser', new Error('offline'), 'offline'],
  ])('that fails with %s still says something', async (_, fault, message) => {
    const get = jest.fn().mockRejectedValue(fault);
    await expect(new Resources(get).tables()).rejects.toThrow(message);
  });

  it('values sends only what is asked for', async () => {
    const get = jest.fn().mockResolvedValue({ values: null, truncated: false });
    const answer = await new Resources(get).values({ column: 'DeviceName', search: '', filters: [] });
    expect(get).toHaveBeenCalledWith('values', { column: 'DeviceName', limit: 100 });
    expect(answer.values).toEqual([]);
  });
});
