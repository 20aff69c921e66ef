import React from 'react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { Profile } from '../support/resources';
import { ProfileSection } from './ProfileSection';

const profile = jest.fn();
jest.mock('./savedResources', () => ({ savedResources: () => ({ profile }) }));

const reason = {
  name: 'actionType',
  meaning: 'have an ActionType that it does not look at',
  share: 1,
  examples: ['SF'],
};
const BLIND: Profile = {
  events: 12_000,
  sampled: 1_000,
  from: '2026-03-10T11:00:00Z',
  to: '2026-03-10T12:00:00Z',
  sensors: [
    {
      name: 'zeek',
      events: 12_000,
      sampled: 1_000,
      detectors: [
        { name: 'beaconing', label: 'Beaconing', canMatch: 0, reasons: [reason] },
        { name: 'fastFlux', label: 'Fast flux', canMatch: 0.9995, reasons: [] },
      ],
      gaps: [],
    },
  ],
  verdicts: [{ level: 'error', text: 'Beaconing can find nothing.', fix: 'Map ActionType in a view.' }],
};

describe('What the events can be used for', () => {
  it('asks nothing until it is told to, and shows what is wrong, the fix, and each detector’s share', async () => {
    profile.mockResolvedValue(BLIND);
    render(<ProfileSection uid="u" isReady />);
    expect(profile).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Look at the events' }));
    expect(await screen.findByText('Beaconing can find nothing.')).toBeInTheDocument();
    expect(screen.getByText('Map ActionType in a view.')).toBeInTheDocument();
    expect(screen.getByText('1,000 events were sampled of 12,000.')).toBeInTheDocument();
    const row = screen.getByRole('row', { name: /Beaconing/ });
    expect(row).toHaveTextContent('zeek');
    expect(row).toHaveTextContent('0 %');
    expect(row).toHaveTextContent('100 % have an ActionType that it does not look at (SF)');
    expect(screen.getByRole('row', { name: /Fast flux/ })).toHaveTextContent('> 99.9 %');
  });

  it('leaves the sensor out where the table does not tell', async () => {
    profile.mockResolvedValue({ ...BLIND, sensors: [{ ...BLIND.sensors![0], name: '' }] });
    render(<ProfileSection uid="u" isReady />);
    await userEvent.click(screen.getByRole('button', { name: 'Look at the events' }));
    expect(await screen.findByRole('columnheader', { name: 'Detector' })).toBeInTheDocument();
    expect(screen.queryByRole('columnheader', { name: 'Sensor' })).not.toBeInTheDocument();
  });

  it('says so where there are no events', async () => {
    profile.mockResolvedValue({ ...BLIND, events: 0, sampled: 0, sensors: null, verdicts: null });
    render(<ProfileSection uid="u" isReady />);
    await userEvent.click(screen.getByRole('button', { name: 'Look at the events' }));
    expect(await screen.findByText('There are no events.')).toBeInTheDocument();
  });

  it('says why it could not look, and offers another try', async () => {
    profile.mockRejectedValueOnce(new Error('[network] nobody answers'));
    render(<ProfileSection uid="u" isReady />);
    await userEvent.click(screen.getByRole('button', { name: 'Look at the events' }));
    expect(await screen.findByText('[network] nobody answers')).toBeInTheDocument();
    profile.mockResolvedValue(BLIND);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Beaconing can find nothing.')).toBeInTheDocument();
  });

  it('cannot be asked before a server is saved', () => {
    render(<ProfileSection uid="u" isReady={false} />);
    expect(screen.getByRole('button', { name: 'Look at the events' })).toBeDisabled();
  });
});
