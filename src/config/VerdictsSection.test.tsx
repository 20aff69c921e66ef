import { screen } from '@testing-library/react';

import { openConfig, openSection, sectionEditor } from '../fixtures/config';
import { FluxhoundOptions } from '../types';
import { VerdictsSection } from './VerdictsSection';

const open = (jsonData: FluxhoundOptions, settings = {}) =>
  openConfig(jsonData, { settings, Editor: sectionEditor(VerdictsSection) });

describe('the verdicts', () => {
  it('saves the user plainly and the password as a secret', async () => {
    const { user, saved } = open({ host: 'a' });
    await openSection(user, 'Verdicts');
    await user.type(screen.getByLabelText(/^User who writes verdicts/), 'judge');
    await user.type(screen.getByLabelText(/^Their password/), 'pw');
    expect(saved()).toMatchObject({
      jsonData: { host: 'a', verdictsUsername: 'judge' },
      secureJsonData: { verdictsPassword: 'pw' },
    });
    expect(JSON.stringify(saved()?.jsonData)).not.toContain('pw');
  });

  it('are off without a user, and then leave nothing in the settings', async () => {
    const { user, saved } = open({ verdictsUsername: 'j' }, { secureJsonFields: { verdictsPassword: true } });
    expect(screen.getByLabelText(/^Their password/)).toHaveValue('configured');
    await user.clear(screen.getByLabelText(/^User who writes verdicts/));
    expect(saved()?.jsonData).not.toHaveProperty('verdictsUsername');
  });
});
