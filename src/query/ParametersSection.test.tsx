import { CoreApp } from '@grafana/data';
import { screen } from '@testing-library/react';

import { catalog, param, spec } from '../fixtures/contract';
import { choose, openEditor, openParameter, pick, saved } from '../fixtures/editor';

const beaconing = { refId: 'A', queryType: 'beaconing', format: 'table' as const };
const dynamicDns = { refId: 'A', queryType: 'dynamicDns', format: 'table' as const };

describe('the parameters', () => {
  it.each(catalog.detectors.filter((d) => d.kind === 'detector').map((d) => d.name))(
    'of %s are all drawn, with their defaults and units',
    async (queryType) => {
      const { user } = openEditor({ refId: 'A', queryType });
      for (const param of spec(queryType).params) {
        const { field } = await openParameter(user, param.name);
        expect(field).toHaveTextContent(param.label);
        expect(field).toHaveTextContent(/Default: ./);
        expect(screen.getAllByLabelText(param.label, { exact: true }).length).toBeGreaterThan(0);
      }
    }
  );

  it('of the union stand in a group for each detector, under their dotted names', async () => {
    const { user, onChange } = openEditor({ refId: 'A', queryType: 'alerts' });
    const { within } = await openParameter(user, 'beaconing.minConnections', 'Parameters of Beaconing');
    const input = within.getByRole('textbox');
    await user.clear(input);
    await user.type(input, '50{Enter}');
    expect(saved(onChange)?.params).toEqual({ 'beaconing.minConnections': 50 });
    expect(screen.getByRole('button', { name: /^Parameters of Fast flux/ })).toBeInTheDocument();
  });

  it('of log context are not drawn: Explore sets them', async () => {
    const { user } = openEditor({ refId: 'A', queryType: 'events' });
    await openParameter(user, 'groupBy');
    expect(screen.queryByTestId('fluxhound-param-contextTime')).not.toBeInTheDocument();
  });

  it('that were changed are marked and counted, and one click puts one back', async () => {
    const { user, onChange } = openEditor({ ...beaconing, params: { minConnections: 30, maxBeaconRate: 10 } });
    expect(await screen.findByText('2 changed')).toBeInTheDocument();
    const { within } = await openParameter(user, 'minConnections');
    expect(within.getByText('changed')).toBeInTheDocument();
    await user.click(within.getByRole('button', { name: 'Reset Minimum connections to 20 connections' }));
    expect(saved(onChange)?.params).toEqual({ maxBeaconRate: 10 });
    // The button that was pressed is gone; the keyboard goes on from the input.
    expect(within.getByRole('textbox')).toHaveFocus();
  });

  it('all go back to their defaults at once', async () => {
    const { user, onChange } = openEditor({ ...beaconing, params: { minConnections: 30, ports: [443] } });
    await openParameter(user, 'ports');
    await user.click(screen.getByRole('button', { name: 'Reset all to their defaults' }));
    expect(saved(onChange)).toEqual(beaconing);
  });

  it('that the detector does not have are named and can be removed', async () => {
    const { user, onChange } = openEditor({ ...beaconing, params: { gone: 1, minConnections: 30 } });
    expect(await screen.findByText(/The query sets gone/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Remove them' }));
    expect(saved(onChange)?.params).toEqual({ minConnections: 30 });
  });
});

describe('a number', () => {
  it.each([
    ['0', 'It may be 1 to 1000000000000.'],
    ['1.5', 'It must be a whole number.'],
    ['many', 'It must be a number.'],
  ])('%s is refused as it is typed', async (text, problem) => {
    const { user, onChange } = openEditor(beaconing);
    const { within } = await openParameter(user, 'minConnections');
    const input = within.getByRole('textbox');
    await user.clear(input);
    await user.type(input, text);
    expect(within.getByText(problem)).toBeInTheDocument();
    await user.tab();
    expect(onChange).not.toHaveBeenCalled();
  });

  it('is saved when the input is left, and its default when it is emptied', async () => {
    const { user, onChange } = openEditor(beaconing);
    const { within } = await openParameter(user, 'minBeaconRate');
    const input = within.getByRole('textbox');
    await user.clear(input);
    await user.type(input, '1.5');
    await user.tab();
    expect(saved(onChange)?.params).toEqual({ minBeaconRate: 1.5 });
    await user.clear(input);
    await user.tab();
    expect(saved(onChange)).toEqual(beaconing);
  });

  it('may be a template variable in a dashboard, and not in a rule', async () => {
    const first = openEditor(beaconing);
    const panel = await openParameter(first.user, 'minConnections');
    await first.user.clear(panel.within.getByRole('textbox'));
    await first.user.type(panel.within.getByRole('textbox'), '$min{Enter}');
    expect(saved(first.onChange)?.params).toEqual({ minConnections: '$min' });
    first.unmount();

    const second = openEditor({ ...beaconing, format: 'numeric' } as never, { app: CoreApp.UnifiedAlerting });
    const rule = await openParameter(second.user, 'minConnections');
    await second.user.clear(rule.within.getByRole('textbox'));
    await second.user.type(rule.within.getByRole('textbox'), '$min{Enter}');
    expect(rule.within.getByText('It must be a number.')).toBeInTheDocument();
    expect(second.onChange).not.toHaveBeenCalled();
  });
});

describe('a switch', () => {
  it('is saved when it is on and not when it is off, its default', async () => {
    const { user, onChange } = openEditor(beaconing);
    const { within } = await openParameter(user, 'includeIPv6');
    await user.click(within.getByRole('switch'));
    expect(saved(onChange)?.params).toEqual({ includeIPv6: true });
    await user.click(within.getByRole('switch'));
    expect(saved(onChange)).toEqual(beaconing);
  });
});

describe('a word of several', () => {
  it('is chosen from its options', async () => {
    const { user, onChange } = openEditor(dynamicDns);
    const { within } = await openParameter(user, 'match');
    await choose(user, within.getByRole('combobox'), 'suffix');
    expect(saved(onChange)?.params).toEqual({ match: 'suffix' });
  });
});

describe('a list', () => {
  const events = { refId: 'A', queryType: 'events', format: 'table' as const };

  it('of words out of a fixed set takes and loses them', async () => {
    const { user, onChange } = openEditor(events);
    const { within } = await openParameter(user, 'groupBy');
    await choose(user, within.getByRole('combobox'), 'RemotePort');
    expect(saved(onChange)?.params).toEqual({ groupBy: ['RemotePort'] });
    await choose(user, within.getByRole('combobox'), 'Protocol');
    expect(saved(onChange)?.params).toEqual({ groupBy: ['RemotePort', 'Protocol'] });
    await user.click(within.getByRole('button', { name: 'Remove RemotePort' }));
    await user.click(within.getByRole('button', { name: 'Remove Protocol' }));
    expect(saved(onChange)).toEqual(events);
  });

  it('of words offers no more than it may have', async () => {
    const { max, options = [] } = param('events', 'groupBy');
    const { user } = openEditor({ ...events, params: { groupBy: options.slice(0, max) } });
    const { within } = await openParameter(user, 'groupBy');
    expect(within.getByRole('combobox')).toBeDisabled();
    await user.click(within.getByRole('button', { name: `Remove ${options[0]}` }));
    expect(within.getByRole('combobox')).toBeEnabled();
  });

  it('of words takes a template variable, and no other word', async () => {
    const { user, onChange } = openEditor(events);
    const { within } = await openParameter(user, 'groupBy');
    await user.type(within.getByRole('combobox'), 'Colour');
    await pick(user, /^Colour/);
    expect(within.getByText('“Colour” is none of the choices.')).toBeInTheDocument();
    expect(onChange).not.toHaveBeenCalled();
    await user.type(within.getByRole('combobox'), '$by');
    await pick(user, /^\$by/);
    expect(saved(onChange)?.params).toEqual({ groupBy: ['$by'] });
  });

  it('of texts takes and loses entries', async () => {
    const { user, onChange } = openEditor({ ...dynamicDns, params: { domains: ['a.example'] } });
    const { within } = await openParameter(user, 'domains');
    await user.type(within.getByRole('textbox'), 'b.example{Enter}');
    expect(saved(onChange)?.params).toEqual({ domains: ['a.example', 'b.example'] });
    await user.click(within.getByRole('button', { name: /a\.example/ }));
    expect(saved(onChange)?.params).toEqual({ domains: ['b.example'] });
  });

  it('of numbers takes numbers, saved as numbers, and refuses words', async () => {
    const { user, onChange } = openEditor({ ...beaconing, params: { ports: [443] } });
    const { within } = await openParameter(user, 'ports');
    await user.type(within.getByRole('textbox'), '8443{Enter}');
    expect(saved(onChange)?.params).toEqual({ ports: [443, 8443] });
    await user.type(within.getByRole('textbox'), 'https{Enter}');
    expect(within.getByText('“https” is not a whole number.')).toBeInTheDocument();
    expect(saved(onChange)?.params).toEqual({ ports: [443, 8443] });
  });
});
