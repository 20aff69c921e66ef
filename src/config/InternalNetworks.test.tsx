import { screen } from '@testing-library/react';

import { openConfig, sectionEditor } from '../fixtures/config';
import { FluxhoundOptions } from '../types';
import { InternalNetworks } from './InternalNetworks';

const open = (jsonData: FluxhoundOptions, settings = {}) =>
  openConfig(jsonData, { settings, Editor: sectionEditor(InternalNetworks) });

describe('the internal networks', () => {
  it('are networks and addresses, and nothing is saved where none are left', async () => {
    const { user, saved } = open({ host: 'a' });
    await user.type(screen.getByLabelText(/^Internal networks/), '10.0.0.0/8{Enter}198.51.100.7{Enter}');
    expect(saved()?.jsonData).toEqual({ host: 'a', internalNetworks: ['10.0.0.0/8', '198.51.100.7'] });
    await user.click(screen.getByRole('button', { name: /10\.0\.0\.0/ }));
    await user.click(screen.getByRole('button', { name: /198\.51\.100\.7/ }));
    expect(saved()?.jsonData).toEqual({ host: 'a' });
  });

  it('refuse what is neither, and say so of what was provisioned', async () => {
    const { user, onChange } = open({ internalNetworks: ['office'] });
    expect(screen.getByText(/“office” is not a network such as 10\.0\.0\.0\/8/)).toBeInTheDocument();
    await user.type(screen.getByLabelText(/^Internal networks/), '10.0.0{Enter}');
    expect(screen.getByText(/“10\.0\.0” is not a network/)).toBeInTheDocument();
    expect(onChange).not.toHaveBeenCalled();
  });

  it('can be seen and not changed in provisioned settings', () => {
    open({ internalNetworks: ['10.0.0.0/8'] }, { readOnly: true });
    expect(screen.getByLabelText(/^Internal networks/)).toBeDisabled();
    expect(screen.getByText('10.0.0.0/8')).toBeInTheDocument();
  });
});
