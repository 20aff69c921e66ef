import { CoreApp, dateTime } from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { screen } from '@testing-library/react';

import { resourceFault } from '../fixtures/datasource';
import { choose, openEditor, saved } from '../fixtures/editor';
import { templates } from '../fixtures/templates';
import { Filter } from '../types';

const query = { refId: 'A', queryType: 'beaconing', format: 'table' as const };

function withFilter(filter: Filter) {
  return { ...query, filters: [filter] };
}

async function addFilter(user: ReturnType<typeof openEditor>['user']) {
  await user.click(await screen.findByRole('button', { name: 'Add a filter' }));
}

describe('the filters', () => {
  it('are saved when they have a value, not before', async () => {
    const { user, onChange } = openEditor(query);
    await addFilter(user);
    await choose(user, screen.getByLabelText('Column of filter 1'), /^DeviceName/);
    expect(onChange).not.toHaveBeenCalled();
    await choose(user, screen.getByLabelText('Value of filter 1'), 'WS-1');
    expect(saved(onChange)?.filters).toEqual([{ column: 'DeviceName', operator: '=', values: ['WS-1'] }]);
  });

  it('offer the operators that the column allows', async () => {
    const { user } = openEditor(withFilter({ column: 'RemotePort', operator: '=', values: ['443'] }));
    await user.click(await screen.findByLabelText('Operator of filter 1'));
    const names = (await screen.findAllByRole('option')).map((o) => o.textContent);
    expect(names).toEqual(['=', '!=', 'is one of', 'is none of']);
  });

  it('change their operator when the new column does not have it', async () => {
    const { user, onChange } = openEditor(
      withFilter({ column: 'RemoteIP', operator: 'inSubnet', values: ['10.0.0.0/8'] })
    );
    await choose(user, await screen.findByLabelText('Column of filter 1'), /^DeviceName/);
    expect(saved(onChange)?.filters).toBeUndefined();
    expect(screen.getByLabelText('Operator of filter 1')).toHaveValue('=');
  });

  it('take several values for “is one of”, and lose them one by one', async () => {
    const { user, onChange } = openEditor(withFilter({ column: 'DeviceName', operator: 'in', values: ['WS-1'] }));
    await choose(user, await screen.findByLabelText('Value of filter 1'), 'WS-2');
    expect(saved(onChange)?.filters?.[0].values).toEqual(['WS-1', 'WS-2']);
    await user.click(screen.getByRole('button', { name: 'Remove WS-1' }));
    expect(saved(onChange)?.filters?.[0].values).toEqual(['WS-2']);
  });

  it('keep one value when the operator takes one', async () => {
    const { user, onChange } = openEditor(
      withFilter({ column: 'DeviceName', operator: 'in', values: ['WS-1', 'WS-2'] })
    );
    await choose(user, await screen.findByLabelText('Operator of filter 1'), '!=');
    expect(saved(onChange)?.filters).toEqual([{ column: 'DeviceName', operator: '!=', values: ['WS-1'] }]);
  });

  it('take a text that no event has', async () => {
    const { user, onChange } = openEditor(withFilter({ column: 'DeviceName', operator: '=', values: ['WS-1'] }));
    const value = await screen.findByLabelText('Value of filter 1');
    await user.type(value, `x' OR 1=1`);
    await user.click(await screen.findByRole('option', { name: /x' OR 1=1/ }));
    expect(saved(onChange)?.filters?.[0].values).toEqual([`x' OR 1=1`]);
  });

  it('take the empty text', async () => {
    const { user, onChange } = openEditor(withFilter({ column: 'RemoteUrl', operator: '=', values: ['a'] }));
    await choose(user, await screen.findByLabelText('Value of filter 1'), '(empty)');
    expect(saved(onChange)?.filters?.[0].values).toEqual(['']);
  });

  it('take a part of a text', async () => {
    const { user, onChange } = openEditor(withFilter({ column: 'RemoteUrl', operator: 'contains', values: ['a'] }));
    const value = await screen.findByLabelText('Value of filter 1');
    await user.clear(value);
    await user.type(value, 'evil{Enter}');
    expect(saved(onChange)?.filters?.[0].values).toEqual(['evil']);
  });

  it('take subnets, and refuse what is none', async () => {
    const { user, onChange } = openEditor(
      withFilter({ column: 'RemoteIP', operator: 'inSubnet', values: ['10.0.0.0/8'] })
    );
    const value = await screen.findByLabelText('Value of filter 1');
    await user.type(value, '10.0.0.1{Enter}');
    expect(screen.getByText(/“10.0.0.1” is not a subnet/)).toBeInTheDocument();
    await user.type(value, '192.0.2.0/24{Enter}');
    expect(saved(onChange)?.filters?.[0].values).toEqual(['10.0.0.0/8', '192.0.2.0/24']);
  });

  it('can be removed', async () => {
    const { user, onChange } = openEditor(withFilter({ column: 'DeviceName', operator: '=', values: ['WS-1'] }));
    await user.click(await screen.findByRole('button', { name: 'Remove filter 1' }));
    expect(saved(onChange)).toEqual(query);
  });
});

describe('a value picker', () => {
  it('asks for values of events in the time range that pass the other filters', async () => {
    const filters: Filter[] = [
      { column: 'DeviceName', operator: '=', values: ['WS-1'] },
      { column: 'RemoteUrl', operator: '=', values: ['a'] },
    ];
    const range = { from: dateTime(1000), to: dateTime(2000), raw: { from: 'now-1h', to: 'now' } };
    const { user, requests } = openEditor({ ...query, filters }, { range });
    await user.click(await screen.findByLabelText('Value of filter 2'));
    await screen.findByRole('option', { name: 'WS-2' });
    expect(requests.find((r) => r.url.endsWith('/values'))?.params).toEqual({
      column: 'RemoteUrl',
      limit: 100,
      from: 1000,
      to: 2000,
      filters: JSON.stringify([filters[0]]),
    });
  });

  it('offers the severities of findings, and asks for values of events without a condition on them', async () => {
    const filters: Filter[] = [
      { column: 'Severity', operator: 'in', values: ['high'] },
      { column: 'RemoteUrl', operator: '=', values: ['a'] },
    ];
    const { user, onChange, requests } = openEditor({ ...query, filters });
    await user.click(await screen.findByLabelText('Operator of filter 1'));
    expect((await screen.findAllByRole('option')).map((o) => o.textContent)).toEqual([
      '=',
      '!=',
      'is one of',
      'is none of',
    ]);
    await user.keyboard('{Escape}');
    await choose(user, screen.getByLabelText('Value of filter 1'), 'critical');
    expect(saved(onChange)?.filters?.[0].values).toEqual(['high', 'critical']);
    expect(requests.filter((r) => r.url.endsWith('/values'))).toEqual([]);
    await user.click(await screen.findByLabelText('Value of filter 2'));
    await screen.findByRole('option', { name: 'WS-2' });
    expect(requests.find((r) => r.url.endsWith('/values'))?.params).not.toHaveProperty('filters');
  });

  it('offers no severity of events', async () => {
    const { user } = openEditor({ refId: 'A', queryType: 'events', format: 'table' });
    await addFilter(user);
    await user.click(screen.getByLabelText('Column of filter 1'));
    await user.type(screen.getByLabelText('Column of filter 1'), 'ever');
    expect(screen.queryByRole('option', { name: /^Severity/ })).not.toBeInTheDocument();
  });

  it('searches on the server', async () => {
    const { user, requests } = openEditor(withFilter({ column: 'DeviceName', operator: 'in', values: ['x'] }));
    await user.type(await screen.findByLabelText('Value of filter 1'), 'ws');
    await screen.findByRole('option', { name: 'WS-2' });
    expect(requests.filter((r) => r.url.endsWith('/values')).at(-1)?.params).toMatchObject({ search: 'ws' });
  });

  it('offers the dashboard’s variables, and none in a rule', async () => {
    const filter: Filter = { column: 'DeviceName', operator: 'in', values: ['x'] };
    const first = openEditor(withFilter(filter));
    setTemplateSrv(templates({ device: { value: 'WS-1' } }));
    await choose(first.user, await screen.findByLabelText('Value of filter 1'), /^\$device/);
    expect(saved(first.onChange)?.filters?.[0].values).toEqual(['x', '$device']);
    first.unmount();

    const second = openEditor(withFilter(filter), { app: CoreApp.UnifiedAlerting });
    setTemplateSrv(templates({ device: { value: 'WS-1' } }));
    await second.user.click(await screen.findByLabelText('Value of filter 1'));
    await screen.findByRole('option', { name: 'WS-2' });
    expect(screen.queryByRole('option', { name: /^\$device/ })).not.toBeInTheDocument();
  });

  it('says why values could not be read, and takes a typed one all the same', async () => {
    const { user, onChange } = openEditor(withFilter({ column: 'DeviceName', operator: 'in', values: ['x'] }), {
      answers: { values: resourceFault(504, { message: '[timeout] too slow' }) },
    });
    const value = await screen.findByLabelText('Value of filter 1');
    await user.type(value, 'WS-7');
    expect(await screen.findByText('[timeout] too slow')).toBeInTheDocument();
    await user.click(await screen.findByRole('option', { name: /^WS-7/ }));
    expect(saved(onChange)?.filters?.[0].values).toEqual(['x', 'WS-7']);
  });
});

describe('without the table’s columns', () => {
  it('filters are made on the model’s, and the reason is shown', async () => {
    const { user, onChange } = openEditor(query, {
      answers: { 'schema/columns': resourceFault(502, { message: '[network] refused', hint: 'Start it.' }) },
    });
    expect(await screen.findByText('[network] refused')).toBeInTheDocument();
    await addFilter(user);
    await choose(user, screen.getByLabelText('Column of filter 1'), /^RemoteUrl/);
    await choose(user, screen.getByLabelText('Value of filter 1'), 'WS-1');
    expect(saved(onChange)?.filters?.[0].column).toBe('RemoteUrl');
  });

  it('a saved filter on a column that the table lacks is shown, so that it can be mended', async () => {
    openEditor(withFilter({ column: 'Gone', operator: '=', values: ['x'] }));
    expect(await screen.findByLabelText('Column of filter 1')).toHaveValue('Gone');
  });
});
