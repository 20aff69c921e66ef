import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { findQueryType } from '../catalog';
import { catalog, tableColumns } from '../fixtures/contract';
import { dataSource } from '../fixtures/datasource';
import { FluxhoundQuery } from '../types';
import { CheatSheet } from './CheatSheet';

describe('the query help', () => {
  it('has examples that the back end can run', async () => {
    const onClickExample = jest.fn<void, [FluxhoundQuery]>();
    const query = { refId: 'C', queryType: 'alerts' };
    render(<CheatSheet datasource={dataSource().datasource} query={query} onClickExample={onClickExample} />);
    for (const button of screen.getAllByRole('button')) {
      await userEvent.click(button);
    }
    const examples = onClickExample.mock.calls.map(([example]) => example);
    expect(examples.length).toBeGreaterThanOrEqual(5);
    for (const { refId, queryType, format, params = {}, filters = [] } of examples) {
      const spec = findQueryType(catalog, queryType);
      expect(refId).toBe('C');
      expect(spec?.formats).toContain(format);
      expect(spec?.params.map((p) => p.name)).toEqual(expect.arrayContaining(Object.keys(params)));
      for (const filter of filters) {
        expect(tableColumns.columns.find((c) => c.name === filter.column)?.operators).toContain(filter.operator);
      }
    }
  });
});
