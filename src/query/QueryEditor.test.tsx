import { CoreApp, dateTime } from '@grafana/data';
import { screen } from '@testing-library/react';

import { catalog } from '../fixtures/contract';
import { resourceFault } from '../fixtures/datasource';
import { choose, openEditor, openParameter, saved } from '../fixtures/editor';

const beaconing = { refId: 'A', queryType: 'beaconing', format: 'table' as const };

describe('the query editor', () => {
  it('says what the detector finds and which technique that is', async () => {
    openEditor(beaconing);
    expect(await screen.findByText(/keeps connecting to one public address/)).toBeInTheDocument();
    expect(screen.getByRole('link', { name: /T1584 Compromise Infrastructure/ })).toHaveAttribute(
      'href',
      'https://attack.mitre.org/techniques/T1584/'
    );
  });

  it('says what else of ATT&CK the findings may show, and how', async () => {
    openEditor(beaconing);
    const link = await screen.findByRole('link', { name: /T1071\.001/ });
    expect(link).toHaveAttribute('href', 'https://attack.mitre.org/techniques/T1071/001/');
    expect(link).toHaveAttribute('title', expect.stringMatching(/^Application Layer Protocol: Web Protocols: .*\.$/));
  });

  it('offers every query type of the catalog, and asks the one that is chosen', async () => {
    const { user, onChange, onRunQuery } = openEditor(beaconing);
    await user.click(await screen.findByLabelText('Detector'));
    const options = await screen.findAllByRole('option');
    expect(options).toHaveLength(catalog.detectors.length);
    await user.click(screen.getByRole('option', { name: /^Dynamic DNS/ }));
    expect(saved(onChange)).toEqual({ refId: 'A', queryType: 'dynamicDns', format: 'table' });
    expect(onRunQuery).toHaveBeenCalled();
  });

  it('draws a detector that it has never heard of from the catalog alone', async () => {
    const [first] = catalog.detectors;
    const fourth = { ...first, name: 'dga', label: 'Generated names', summary: 'Names that no person made up.' };
    const { user } = openEditor(
      { refId: 'A', queryType: 'dga' },
      { answers: { detectors: { ...catalog, detectors: [...catalog.detectors, fourth] } } }
    );
    expect(await screen.findByText(/Names that no person made up/)).toBeInTheDocument();
    const { field } = await openParameter(user, 'minConnections');
    expect(field).toHaveTextContent('Minimum connections');
  });

  it('offers the formats of the query type and saves the chosen one', async () => {
    const { user, onChange } = openEditor(beaconing);
    expect(await screen.findAllByRole('radio')).toHaveLength(catalog.detectors[0].formats.length);
    await user.click(screen.getByRole('radio', { name: 'Time series' }));
    expect(saved(onChange)?.format).toBe('timeseries');
  });

  it('ignores the allowlist when asked to, and saves nothing otherwise', async () => {
    const { user, onChange } = openEditor(beaconing);
    await user.click(await screen.findByLabelText('Ignore allowlist'));
    expect(saved(onChange)).toEqual({ ...beaconing, allowlist: 'ignore' });
    await user.click(screen.getByLabelText('Ignore allowlist'));
    expect(saved(onChange)).toEqual(beaconing);
  });

  it('explains numbers when asked to, and says so for nothing else', async () => {
    const numeric = { refId: 'A', queryType: 'cases', format: 'numeric' as const };
    const { user, onChange } = openEditor(numeric);
    await user.click(await screen.findByLabelText('Details'));
    expect(saved(onChange)).toEqual({ ...numeric, details: true });
    await user.click(screen.getByRole('radio', { name: 'Table' }));
    expect(saved(onChange)).toEqual({ ...numeric, format: 'table' });
    expect(screen.queryByLabelText('Details')).not.toBeInTheDocument();
  });

  it('has no details where nothing explains a number', async () => {
    openEditor({ ...beaconing, format: 'numeric' });
    await screen.findByLabelText('Limit');
    expect(screen.queryByLabelText('Details')).not.toBeInTheDocument();
  });

  it('has no allowlist for events', async () => {
    openEditor({ refId: 'A', queryType: 'events', format: 'logs' as const });
    await screen.findByLabelText('Limit');
    expect(screen.queryByLabelText('Ignore allowlist')).not.toBeInTheDocument();
  });

  it('takes a limit within the data source’s row limit, and none for the default', async () => {
    const { user, onChange } = openEditor(beaconing);
    const limit = await screen.findByLabelText('Limit');
    expect(limit).toHaveAttribute('placeholder', '1000');
    await user.type(limit, '50{Enter}');
    expect(saved(onChange)?.limit).toBe(50);
    await user.clear(limit);
    await user.type(limit, '100001');
    expect(screen.getByText('It may be 1 to 100000.')).toBeInTheDocument();
    await user.clear(limit);
    await user.tab();
    expect(saved(onChange)).not.toHaveProperty('limit');
  });

  it('shows an unknown query type as an error, and lets another be chosen', async () => {
    const { user, onChange } = openEditor({ refId: 'A', queryType: 'range' });
    expect(await screen.findByText('Unknown detector')).toBeInTheDocument();
    expect(screen.getByText(/asks for “range”/)).toBeInTheDocument();
    await choose(user, screen.getByLabelText('Detector'), /^Beaconing/);
    expect(saved(onChange)?.queryType).toBe('beaconing');
  });

  it('shows a query of a newer version as an error, and leaves it alone', async () => {
    const { onChange } = openEditor({ ...beaconing, version: 99 });
    expect(await screen.findByText(/saved by a newer version of the plugin \(query version 99\)/)).toBeInTheDocument();
    expect(screen.queryByLabelText('Detector')).not.toBeInTheDocument();
    expect(onChange).not.toHaveBeenCalled();
  });

  it('says why the catalog could not be read, and reads it again', async () => {
    const answer = jest
      .fn()
      .mockImplementationOnce(() => {
        throw resourceFault(502, { message: '[network] refused', hint: 'Is ClickHouse up?' });
      })
      .mockReturnValue(catalog);
    const { user } = openEditor(beaconing, { answers: { detectors: answer } });
    expect(await screen.findByText('[network] refused')).toBeInTheDocument();
    expect(screen.getByText('Is ClickHouse up?')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByLabelText('Detector')).toBeInTheDocument();
  });

  it('saves no field of the data source that the panel had before', async () => {
    const { user, onChange } = openEditor({ ...beaconing, expr: 'up' } as typeof beaconing);
    await user.click(await screen.findByRole('radio', { name: 'Numeric' }));
    expect(saved(onChange)).toEqual({ refId: 'A', queryType: 'beaconing', format: 'numeric' });
  });
});

describe('a new query', () => {
  it('is saved with its defaults at once, since a rule’s author may be content with them', async () => {
    const { onChange } = openEditor({ refId: 'A' }, { app: CoreApp.UnifiedAlerting });
    await screen.findByLabelText('Detector');
    expect(saved(onChange)).toEqual({ refId: 'A', queryType: 'beaconing', format: 'numeric' });
  });

  it('is saved although the rule editor already shows the defaults', async () => {
    const shown = { refId: 'A', queryType: 'beaconing', format: 'numeric' as const };
    const { onChange } = openEditor(shown, { app: CoreApp.UnifiedAlerting, queries: [{ refId: 'A' }] });
    await screen.findByLabelText('Detector');
    expect(saved(onChange)).toEqual(shown);
  });

  it('that is saved already is not saved again', async () => {
    const { onChange } = openEditor(beaconing, { app: CoreApp.PanelEditor });
    await screen.findByLabelText('Detector');
    expect(onChange).not.toHaveBeenCalled();
  });
});

describe('in an alert rule', () => {
  it('numeric needs no word', async () => {
    openEditor({ ...beaconing, format: 'numeric' } as never, { app: CoreApp.UnifiedAlerting });
    await screen.findByLabelText('Detector');
    expect(screen.queryByText(/needs the format Numeric/)).not.toBeInTheDocument();
  });

  it.each([
    ['table', /the rule would fail/],
    ['timeseries', /need a Reduce expression/],
  ] as const)('%s is warned of, and numeric is a click away', async (format, text) => {
    const { user, onChange } = openEditor({ ...beaconing, format } as never, { app: CoreApp.UnifiedAlerting });
    expect(await screen.findByText(text)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Use Numeric' }));
    expect(saved(onChange)?.format).toBe('numeric');
  });

  it('a query type without numbers is refused', async () => {
    const detectors = catalog.detectors.map((d) => ({ ...d, formats: d.formats.filter((f) => f !== 'numeric') }));
    openEditor(
      { refId: 'A', queryType: 'events', format: 'logs' },
      { app: CoreApp.UnifiedAlerting, answers: { detectors: { ...catalog, detectors } } }
    );
    expect(await screen.findByText(/events alone are no finding/)).toBeInTheDocument();
  });

  it.each([
    [10 / 1440, true],
    [7, false],
  ])('a time range of %d days is warned of: %s', async (days, warned) => {
    const to = dateTime(Date.UTC(2026, 0, 8));
    const range = { from: dateTime(to.valueOf() - days * 86_400_000), to, raw: { from: '', to: '' } };
    openEditor({ ...beaconing, format: 'numeric' } as never, { app: CoreApp.UnifiedAlerting, range });
    await screen.findByLabelText('Detector');
    expect(screen.queryAllByText('The rule looks back less than a day')).toHaveLength(warned ? 1 : 0);
  });

  it.each([
    { days: 1 / 24, queryType: 'beaconing', app: CoreApp.Explore, told: true },
    { days: 1 / 24, queryType: 'alerts', app: CoreApp.Explore, told: true },
    { days: 7, queryType: 'beaconing', app: CoreApp.Explore, told: false },
    { days: 1 / 24, queryType: 'events', app: CoreApp.Explore, told: false },
    { days: 1 / 24, queryType: 'findings', app: CoreApp.Explore, told: false },
    { days: 1 / 24, queryType: 'beaconing', app: CoreApp.PanelEditor, told: false },
  ])('leads from a short range to the analytic’s: $queryType over $days days in $app', async (c) => {
    const to = dateTime(Date.UTC(2026, 0, 8));
    const range = { from: dateTime(to.valueOf() - c.days * 86_400_000), to, raw: { from: '', to: '' } };
    openEditor({ refId: 'A', queryType: c.queryType, format: 'table' } as never, { app: c.app, range });
    await screen.findByLabelText('Detector');
    const links = screen.queryAllByRole('link', { name: 'Look at the last 7 days' });
    expect(links).toHaveLength(c.told ? 1 : 0);
    for (const link of links) {
      const { searchParams } = new URL(link.getAttribute('href') ?? '', 'http://grafana');
      const { finding } = JSON.parse(searchParams.get('panes') ?? '');
      expect(finding.range).toEqual({ from: 'now-7d', to: 'now' });
      expect(finding.queries[0]).toMatchObject({ queryType: c.queryType, format: 'table' });
    }
  });

  it('a detector that is chosen gets numeric', async () => {
    const { user, onChange } = openEditor(
      { refId: 'A', queryType: 'events', format: 'logs' },
      { app: CoreApp.UnifiedAlerting }
    );
    await choose(user, await screen.findByLabelText('Detector'), /^Fast flux/);
    expect(saved(onChange)?.format).toBe('numeric');
  });
});
