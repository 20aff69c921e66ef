import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { dataSource } from '../fixtures/datasource';
import { choose } from '../fixtures/editor';
import { FluxhoundVariableQuery } from '../types';
import { VariableQueryEditor } from './VariableQueryEditor';

function open(query: FluxhoundVariableQuery) {
  const { datasource } = dataSource();
  const onChange = jest.fn<void, [FluxhoundVariableQuery]>();
  function Host() {
    const [current, setCurrent] = useState(query);
    return (
      <VariableQueryEditor
        datasource={datasource}
        query={current}
        onRunQuery={jest.fn()}
        onChange={(next) => {
          onChange(next);
          setCurrent(next);
        }}
      />
    );
  }
  render(<Host />);
  return { onChange, user: userEvent.setup({ delay: null, pointerEventsCheck: 0 }) };
}

describe('the variable editor', () => {
  it('chooses the column', async () => {
    const { user, onChange } = open({ refId: 'v', kind: 'values' });
    await choose(user, await screen.findByLabelText('Column'), /^RemoteIP/);
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'v', kind: 'values', column: 'RemoteIP' });
  });

  it('takes a search, and none when it is emptied', async () => {
    const { user, onChange } = open({ refId: 'v', kind: 'values', column: 'DeviceName' });
    const search = await screen.findByLabelText('Search');
    await user.type(search, 'WS{Enter}');
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'v', kind: 'values', column: 'DeviceName', search: 'WS' });
    await user.clear(search);
    await user.tab();
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'v', kind: 'values', column: 'DeviceName' });
  });

  it('takes filters', async () => {
    const { user, onChange } = open({ refId: 'v', kind: 'values', column: 'DeviceName' });
    await user.click(await screen.findByRole('button', { name: 'Add a filter' }));
    await choose(user, screen.getByLabelText('Value of filter 1'), 'WS-1');
    expect(onChange.mock.lastCall?.[0].filters).toEqual([{ column: 'DeviceId', operator: '=', values: ['WS-1'] }]);
  });

  it('drops what belongs to another kind', async () => {
    const { user, onChange } = open({ refId: 'v', kind: 'values', column: 'DeviceName', search: 'WS' });
    await user.click(await screen.findByRole('radio', { name: 'Alert types' }));
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'v', kind: 'alertTypes' });
    expect(screen.queryByLabelText('Column')).not.toBeInTheDocument();
  });
});
