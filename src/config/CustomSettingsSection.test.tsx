import { screen } from '@testing-library/react';

import { openConfig, openSection, sectionEditor } from '../fixtures/config';
import { FluxhoundOptions } from '../types';
import { CustomSettingsSection } from './CustomSettingsSection';

const open = (jsonData: FluxhoundOptions, settings = {}) =>
  openConfig(jsonData, { settings, Editor: sectionEditor(CustomSettingsSection) });

describe('custom settings', () => {
  it('are saved when they have a name, and can be removed', async () => {
    const { user, saved } = open({ host: 'a' });
    await openSection(user, 'Custom settings');
    await user.click(screen.getByRole('button', { name: 'Add a setting' }));
    await user.type(screen.getByLabelText(/^Value 1/), '4');
    expect(saved()?.jsonData).not.toHaveProperty('customSettings');
    await user.type(screen.getByLabelText(/^Setting 1/), 'max_threads');
    expect(saved()?.jsonData.customSettings).toEqual([{ setting: 'max_threads', value: '4' }]);
    await user.click(screen.getByRole('button', { name: 'Remove setting 1' }));
    expect(saved()?.jsonData).not.toHaveProperty('customSettings');
  });

  it.each([
    ['readonly', /The plugin sets this itself/],
    ['max threads', /only letters, digits and _/],
  ])('%s is refused', async (name, problem) => {
    open({ host: 'a', customSettings: [{ setting: name, value: '1' }] });
    expect(await screen.findByText(problem)).toBeInTheDocument();
  });

  it('of the same name are told, for only the last holds', async () => {
    open({ customSettings: ['4', '5', '6'].map((value) => ({ setting: 'max_threads', value })) });
    expect(screen.getAllByText(/^It is set above already/)).toHaveLength(2);
  });

  it('with a value and no name are told, for they are not saved', async () => {
    const { user } = open({});
    await openSection(user, 'Custom settings');
    await user.click(screen.getByRole('button', { name: 'Add a setting' }));
    expect(screen.queryByText(/^Give its name/)).not.toBeInTheDocument();
    await user.type(screen.getByLabelText(/^Value 1/), '4');
    expect(screen.getByText(/^Give its name/)).toBeInTheDocument();
  });

  it('say what stands in each field, its unit and its default', () => {
    open({ customSettings: [{ setting: 'max_threads', value: '4' }] });
    expect(screen.getByLabelText(/^Setting 1.*Default: none/)).toHaveValue('max_threads');
    expect(screen.getByLabelText(/^Value 1.*own unit.*Default: what the user’s profile says/)).toHaveValue('4');
  });
});
