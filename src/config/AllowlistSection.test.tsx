import { screen, within } from '@testing-library/react';

import { openConfig, openSection, sectionEditor } from '../fixtures/config';
import { choose } from '../fixtures/editor';
import { FluxhoundOptions } from '../types';
import { fieldHelp, fieldLabel, FIELDS } from './allowlist';
import { AllowlistSection } from './AllowlistSection';

const open = (jsonData: FluxhoundOptions, settings = {}) =>
  openConfig(jsonData, { settings, Editor: sectionEditor(AllowlistSection) });

describe('the allowlist', () => {
  it('saves an entry field by field and leaves an empty one out', async () => {
    const { user, saved, onChange } = open({ host: 'a' });
    await openSection(user, 'Allowlist');
    await user.click(screen.getByRole('button', { name: 'Add an entry' }));
    expect(onChange).not.toHaveBeenCalled();
    await user.type(screen.getByLabelText(/^Domain/), 'updates.example.com');
    await user.type(screen.getByLabelText(/^Reason/), 'updates');
    await user.type(screen.getByLabelText(/^Owner/), 'it-ops');
    await choose(user, screen.getByLabelText(/^Detector/), 'beaconing');
    expect(saved()?.jsonData.allowlist).toEqual([
      { domain: 'updates.example.com', reason: 'updates', owner: 'it-ops', detector: 'beaconing' },
    ]);
    await user.clear(screen.getByLabelText(/^Reason/));
    expect(saved()?.jsonData.allowlist?.[0]).not.toHaveProperty('reason');
    await user.click(screen.getByRole('button', { name: 'Remove entry 1' }));
    expect(saved()?.jsonData).not.toHaveProperty('allowlist');
  });

  it('says what an entry lacks and what is wrong with it', async () => {
    open({
      host: 'a',
      allowlist: [
        { domain: '.com', network: 'x', expires: '2030-02-30' },
        { reason: 'r', owner: 'o' },
      ],
    });
    expect(
      screen.getByText('Give a domain such as updates.example.com, without a dot at either end.')
    ).toBeInTheDocument();
    expect(screen.getByText('Give a network such as 203.0.113.0/24, or an address.')).toBeInTheDocument();
    expect(screen.getByText('Say why its findings are harmless.')).toBeInTheDocument();
    expect(screen.getByText('Say who answers for it.')).toBeInTheDocument();
    expect(screen.getByText(/^Give a day such as 2030-12-31/)).toBeInTheDocument();
    expect(screen.getByText('Give at least one of domain, network, process and device.')).toBeInTheDocument();
  });

  it('names a table of entries', async () => {
    const { user, saved } = open({ host: 'a' });
    await openSection(user, 'Allowlist');
    await user.type(screen.getByLabelText(/^Table of entries/), 'allowlist');
    expect(saved()?.jsonData).toEqual({ host: 'a', allowlistTable: 'allowlist' });
  });

  it('says what each field means and what holds without it', async () => {
    open({ allowlist: [{ device: 'WS-1' }] });
    for (const field of FIELDS) {
      const input = screen.getByLabelText(new RegExp(`^${fieldLabel(field)}`));
      expect(input).toHaveAccessibleName(expect.stringContaining(fieldHelp(field)));
    }
    expect(screen.getAllByLabelText(/Default: (any|all|never)\.$/)).toHaveLength(6);
  });

  it.each([
    ['203.0.113.7/24', /one address or its whole network/],
    ['0.0.0.0/0', /every address there is/],
    ['dead', /^Give a network such as/],
  ])('refuses the network %s as it is typed', async (network, problem) => {
    const { user } = open({ allowlist: [{ reason: 'r', owner: 'o' }] });
    await user.type(screen.getByLabelText(/^Network/), network);
    expect(screen.getByText(problem)).toBeInTheDocument();
  });

  it('refuses a suffix that a registry sells names under', async () => {
    const { user } = open({ allowlist: [{ reason: 'r', owner: 'o' }] });
    await user.type(screen.getByLabelText(/^Domain/), 'co.uk');
    expect(screen.getByText(/^A registry sells names under “co.uk”/)).toBeInTheDocument();
  });

  it('marks an entry that has expired, and only that', async () => {
    const entry = { device: 'WS-1', reason: 'r', owner: 'o' };
    open({ allowlist: [{ ...entry, expires: '2020-12-31' }, { ...entry, expires: '2999-12-31' }, entry] });
    const [first, ...others] = screen.getAllByRole('group');
    expect(within(first).getByText('expired')).toBeInTheDocument();
    expect(within(first).getByText(/^It has expired: the entry hides nothing/)).toBeInTheDocument();
    for (const other of others) {
      expect(within(other).queryByText(/expired/)).not.toBeInTheDocument();
    }
  });

  it('shows what was provisioned, with its faults, and leaves it unchangeable', async () => {
    const provisioned = { device: 1234, reason: 'r', owner: 'o', detector: 'gone', expires: '2020-12-31' };
    open({ allowlist: [provisioned as never] }, { readOnly: true });
    expect(screen.getByLabelText(/^Device/)).toHaveValue('1234');
    expect(screen.getByText(/^It must be a text: put it in quotes/)).toBeInTheDocument();
    expect(await screen.findByText(/^It may be beaconing, dynamicDns, fastFlux, cases/)).toBeInTheDocument();
    expect(screen.getByText('expired')).toBeInTheDocument();
    for (const field of FIELDS) {
      expect(screen.getByLabelText(new RegExp(`^${fieldLabel(field)}`))).toBeDisabled();
    }
    expect(screen.getByRole('button', { name: 'Add an entry' })).toBeDisabled();
  });

  it('takes any detector as long as the plugin does not say which there are', async () => {
    const { user, saved } = openConfig(
      { allowlist: [{ device: 'WS-1', reason: 'r', owner: 'o', detector: 'gone' }] },
      { answers: { detectors: new Error('down') }, Editor: sectionEditor(AllowlistSection) }
    );
    expect(screen.queryByText(/^It may be/)).not.toBeInTheDocument();
    await user.type(screen.getByLabelText(/^Owner/), 'x');
    expect(saved()?.jsonData.allowlist?.[0]).toMatchObject({ detector: 'gone', owner: 'ox' });
  });

  it('refuses a text that is longer than the back end takes', async () => {
    open({ allowlist: [{ device: 'ä'.repeat(501), reason: 'r', owner: 'o' }] });
    expect(screen.getByText('It must have at most 1000 bytes.')).toBeInTheDocument();
  });
});
