import { screen } from '@testing-library/react';
import React from 'react';

import { openConfig } from '../fixtures/config';
import { param } from '../fixtures/contract';
import { FluxhoundOptions } from '../types';
import { CaseWeights } from './CaseWeights';
import { ConfigProps, settingsEditor } from './settings';

function open(jsonData: FluxhoundOptions, settings = {}) {
  function Alone(props: ConfigProps) {
    return <CaseWeights settings={settingsEditor(props)} uid={props.options.uid} />;
  }
  return openConfig(jsonData, { settings, Editor: Alone });
}

describe('the weights of cases', () => {
  it('are those of the detector until one is set, and nothing is saved where none is left', async () => {
    const { user, saved } = open({ host: 'a', caseWeights: { browser: -20 } });
    const noName = await screen.findByLabelText(/^noName/);
    expect(noName).toHaveAttribute('placeholder', String(param('cases', 'noName').default));
    await user.type(noName, '0{Enter}');
    expect(saved()?.jsonData).toEqual({ host: 'a', caseWeights: { browser: -20, noName: 0 } });
    await user.clear(noName);
    await user.tab();
    await user.clear(screen.getByLabelText(/^browser/));
    await user.tab();
    expect(saved()?.jsonData).toEqual({ host: 'a' });
  });

  it('refuse what turns a reason round', async () => {
    const { user, onChange } = open({ caseWeights: { browser: -20 } });
    await user.type(await screen.findByLabelText(/^regular/), '-5{Enter}');
    expect(screen.getByText(/0 to 100|between 0 and 100|at least 0|from 0/)).toBeInTheDocument();
    expect(onChange).not.toHaveBeenCalled();
  });

  it('can be seen and not changed in provisioned settings', async () => {
    open({ caseWeights: { regular: 40 } }, { readOnly: true });
    expect(await screen.findByLabelText(/^regular/)).toBeDisabled();
    expect(screen.getByDisplayValue('40')).toBeInTheDocument();
  });
});
