import { screen } from '@testing-library/react';

import { openConfig, openSection, sectionEditor } from '../fixtures/config';
import { FluxhoundOptions } from '../types';
import { LookupsSection } from './LookupsSection';

const open = (jsonData: FluxhoundOptions, settings = {}) =>
  openConfig(jsonData, { settings, Editor: sectionEditor(LookupsSection) });

describe('the look-ups', () => {
  it('saves dynamic DNS domains, a table of them and a dictionary', async () => {
    const { user, saved } = open({ host: 'a' });
    await openSection(user, 'Look-ups');
    await user.click(screen.getByRole('button', { name: 'Add a dynamic DNS domain' }));
    await user.type(screen.getByLabelText(/^Dynamic DNS domain 1/), '.dyn');
    expect(screen.getByText(/^Give a domain such as dyn.example.com, without a dot/)).toBeInTheDocument();
    await user.clear(screen.getByLabelText(/^Dynamic DNS domain 1/));
    await user.type(screen.getByLabelText(/^Dynamic DNS domain 1/), 'dyn.example.com');
    await user.type(screen.getByLabelText(/^Provider 1/), 'Ours');
    await user.type(screen.getByLabelText(/^Table of dynamic DNS domains/), 'more');
    await user.type(screen.getByLabelText(/^Dictionary of autonomous systems/), 'db.asn');
    await user.type(screen.getByLabelText(/^Table of indicators/), 'listed');
    await user.type(screen.getByLabelText(/^Ledger of names/), 'led');
    await user.type(screen.getByLabelText(/^Ledger of destinations/), 'seen');
    expect(saved()?.jsonData).toEqual({
      host: 'a',
      dynamicDnsSuffixes: [{ suffix: 'dyn.example.com', provider: 'Ours' }],
      dynamicDnsSuffixTable: 'more',
      asnDictionary: 'db.asn',
      listTables: { indicators: 'listed', nameNetworks: 'led', destinations: 'seen' },
    });
    await user.clear(screen.getByLabelText(/^Table of indicators/));
    expect(saved()?.jsonData).not.toHaveProperty('listTables.indicators');
  });

  it('leaves the tables of other lists alone', async () => {
    const { user, saved } = open({ listTables: { indicators: 'listed', watched: 'w' } });
    await user.clear(screen.getByLabelText(/^Table of indicators/));
    expect(saved()?.jsonData.listTables).toEqual({ watched: 'w' });
  });

  it.each(['co.uk', 'com'])('refuses %s, which a registry sells names under', (suffix) => {
    open({ dynamicDnsSuffixes: [{ suffix }] });
    expect(screen.getByText(new RegExp(`^A registry sells names under “${suffix}”`))).toBeInTheDocument();
  });

  it('says of a provider without a domain that it is not saved', async () => {
    const { user, onChange } = open({});
    await openSection(user, 'Look-ups');
    await user.click(screen.getByRole('button', { name: 'Add a dynamic DNS domain' }));
    await user.type(screen.getByLabelText(/^Provider 1/), 'Ours');
    expect(screen.getByText(/^Give the domain: a provider without one is not saved/)).toBeInTheDocument();
    expect(onChange.mock.lastCall?.[0].jsonData).not.toHaveProperty('dynamicDnsSuffixes');
  });

  it('says what each field means and its default', () => {
    open({ dynamicDnsSuffixes: [{ suffix: 'dyn.example.com' }] });
    expect(screen.getAllByLabelText(/Default: (none|the domain)\.$/)).toHaveLength(7);
  });
});
