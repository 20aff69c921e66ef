import { screen } from '@testing-library/react';
import React from 'react';

import { openConfig } from '../fixtures/config';
import { FluxhoundOptions } from '../types';
import { ConfigProps, settingsEditor } from './settings';
import { TableSection } from './TableSection';

function Alone(props: ConfigProps) {
  return <TableSection settings={settingsEditor(props)} uid={props.options.uid} version={props.options.version} />;
}

const open = (jsonData: FluxhoundOptions) => openConfig({ host: 'a', ...jsonData }, { Editor: Alone });

describe('the table and its database', () => {
  it.each([
    [{ table: 'network_event' }, /^The saved server has no such table/],
    [{ database: 'defualt' }, /^The saved server has no such database/],
  ])('%j are missed among the server’s', async (jsonData, problem) => {
    open(jsonData);
    expect(await screen.findByText(problem)).toBeInTheDocument();
  });

  it.each([{}, { table: 'other' }, { database: 'default', table: 'network_events' }])(
    '%j are found among the server’s',
    async (jsonData) => {
      const { user } = open(jsonData);
      await user.click(screen.getByLabelText(/^Table/));
      expect(await screen.findByRole('option', { name: 'other' })).toBeInTheDocument();
      expect(screen.queryByText(/^The saved server has no such/)).not.toBeInTheDocument();
    }
  );
});
