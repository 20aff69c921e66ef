import { screen, waitFor } from '@testing-library/react';
import React from 'react';

import { openConfig } from '../fixtures/config';
import { sources } from '../fixtures/contract';
import { resourceFault } from '../fixtures/datasource';
import { choose } from '../fixtures/editor';
import { FluxhoundOptions } from '../types';
import { ConfigProps, settingsEditor } from './settings';
import { SourcePicker } from './SourcePicker';

const zeek = sources.sources.find((source) => source.name === 'zeek')!;

function open(
  jsonData: FluxhoundOptions,
  { there, ...options }: Parameters<typeof openConfig>[1] & { there?: string[] } = {}
) {
  function Alone(props: ConfigProps) {
    return <SourcePicker settings={settingsEditor(props)} uid={props.options.uid} there={there} />;
  }
  return openConfig(jsonData, { ...options, Editor: Alone });
}

async function picker(): Promise<HTMLElement> {
  await waitFor(() => expect(screen.getByLabelText(/^Source/)).toBeEnabled());
  return screen.getByLabelText(/^Source/);
}

describe('the source', () => {
  it('names the tables, and the mapping of another table goes', async () => {
    const { user, saved } = open({ host: 'a', table: 'mine', columns: { DeviceName: 'host' } });
    await choose(user, await picker(), /^zeek/);
    expect(saved()?.jsonData).toEqual({ host: 'a', source: 'zeek' });
    expect(screen.getByText(`It needs in default: network_events, ${zeek.tables.join(', ')}.`)).toBeInTheDocument();
    await choose(user, screen.getByLabelText(/^Source/), /^akvorado/);
    expect(saved()?.jsonData).toEqual({ host: 'a', source: 'akvorado', table: 'fluxhound_events' });
    await choose(user, screen.getByLabelText(/^Source/), 'A table of your own');
    expect(saved()?.jsonData).toEqual({ host: 'a', table: 'fluxhound_events' });
  });

  it('is asked for before a server is saved', async () => {
    const { requests } = open({});
    await picker();
    expect(requests.map(({ url }) => url)).toEqual([expect.stringMatching(/resources\/sources$/)]);
  });

  it('offers every source that the back end knows', async () => {
    const { user } = open({});
    await user.click(await picker());
    for (const { name } of sources.sources) {
      expect(await screen.findByRole('option', { name: new RegExp(`^${name}`) })).toBeInTheDocument();
    }
  });

  it('says which of its tables cannot be seen, and how to make them', async () => {
    open({ source: 'zeek', database: 'soc' }, { there: ['network_events', ...zeek.tables.slice(1)] });
    expect(await screen.findByText('Not seen in soc: zeek_conn')).toBeInTheDocument();
    expect(screen.getByText('fluxhound schema apply --settings FILE --source zeek')).toBeInTheDocument();
  });

  it('says that all are there', async () => {
    open({ source: 'zeek' }, { there: ['network_events', 'other', ...zeek.tables] });
    expect(await screen.findByText(/^In default are: network_events, zeek_conn/)).toBeInTheDocument();
    expect(screen.queryByText(/schema apply/)).not.toBeInTheDocument();
  });

  it('is named where there is no such one', async () => {
    open({ source: 'zeke' });
    expect(await screen.findByText(/^There is no source “zeke”/)).toBeInTheDocument();
  });

  it('can be missing without harm', async () => {
    open({ source: 'zeek' }, { answers: { sources: resourceFault(404, { message: 'not found' }) } });
    expect(await screen.findByText('not found')).toBeInTheDocument();
    expect(screen.queryByText(/^There is no source/)).not.toBeInTheDocument();
  });

  it('can be seen and not changed in provisioned settings', async () => {
    open({ source: 'zeek' }, { settings: { readOnly: true } });
    expect(await screen.findByText(/^It needs in default/)).toBeInTheDocument();
    expect(screen.getByLabelText(/^Source/)).toBeDisabled();
  });
});
