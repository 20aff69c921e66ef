import { CatalogSource, filterableColumns, findByAlertType } from './catalog';
import { catalog } from './fixtures/contract';

describe('the catalog', () => {
  it('is read once, however often it is asked for', async () => {
    const fetch = jest.fn().mockResolvedValue(catalog);
    const source = new CatalogSource(fetch);
    expect(source.current).toBeUndefined();
    await Promise.all([source.load(), source.load()]);
    await source.load();
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(source.current?.detectors.map((d) => d.name)).toEqual(catalog.detectors.map((d) => d.name));
  });

  it('is read again after it could not be read', async () => {
    const fetch = jest.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValue(catalog);
    const source = new CatalogSource(fetch);
    await expect(source.load()).rejects.toThrow('down');
    await expect(source.load()).resolves.toBeDefined();
  });

  it('takes the null that Go writes for an empty list', async () => {
    const [first] = catalog.detectors;
    const bare = { ...catalog, detectors: [{ ...first, params: null, labels: null, leads: null, optional: null }] };
    const loaded = await new CatalogSource(() => Promise.resolve(JSON.parse(JSON.stringify(bare)))).load();
    expect(loaded.detectors[0]).toMatchObject({ params: [], labels: [], leads: [], optional: [] });
  });

  it('finds a detector by its findings’ alert type, never the union or the events', () => {
    expect(findByAlertType(catalog, 'PotentialBeaconing')?.name).toBe('beaconing');
    expect(findByAlertType(catalog, '')).toBeUndefined();
  });

  it('lets every column of the events but the time be filtered on', () => {
    expect(filterableColumns(catalog)).toContain('DeviceName');
    expect(filterableColumns(catalog)).not.toContain('Timestamp');
  });
});
