import { getDefaultTimeRange, LoadingState, toDataFrame } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { WhatRuns } from './WhatRuns';

function data(refId: string, executedQueryString?: string) {
  return {
    state: LoadingState.Done,
    timeRange: getDefaultTimeRange(),
    series: [toDataFrame({ refId, fields: [], meta: { executedQueryString } })],
  };
}

describe('what runs', () => {
  it('is closed until it is asked for, then the SQL of this query', async () => {
    render(<WhatRuns data={data('A', 'SELECT 1\n-- Parameters:')} refId="A" />);
    expect(screen.queryByTestId('fluxhound-sql')).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'What runs' }));
    expect(screen.getByTestId('fluxhound-sql')).toHaveTextContent('SELECT 1 -- Parameters:');
  });

  it('can be scrolled with the keyboard', async () => {
    render(<WhatRuns data={data('A', 'SELECT 1')} refId="A" />);
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    await userEvent.tab();
    expect(screen.getByRole('region', { name: 'The SQL' })).toHaveFocus();
  });

  it.each([
    ['nothing has run', undefined],
    ['another query has run', data('B', 'SELECT 2')],
  ])('says so when %s', async (_, panelData) => {
    render(<WhatRuns data={panelData} refId="A" />);
    await userEvent.click(screen.getByRole('button', { name: 'What runs' }));
    expect(screen.getByText('Run the query to see its SQL.')).toBeInTheDocument();
  });
});
