import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { findQueryType, ParamSpec } from '../catalog';
import { catalog, tableColumns } from '../fixtures/contract';
import { dataSource } from '../fixtures/datasource';
import { FluxhoundQuery, ParamValue } from '../types';
import { CheatSheet } from './CheatSheet';

/** The examples, as the help hands them over at a click. */
async function examples(): Promise<FluxhoundQuery[]> {
  const onClickExample = jest.fn<void, [FluxhoundQuery]>();
  const query = { refId: 'C', queryType: 'alerts' };
  render(<CheatSheet datasource={dataSource().datasource} query={query} onClickExample={onClickExample} />);
  for (const button of screen.getAllByRole('button', { name: /^Use: / })) {
    await userEvent.click(button);
  }
  return onClickExample.mock.calls.map(([example]) => example);
}

/** Would the back end take the value, by the parameter's kind and bounds? */
function fits(value: ParamValue, spec?: ParamSpec): boolean {
  switch (spec?.kind) {
    case 'integer':
    case 'number':
      return typeof value === 'number' && value >= spec.min && value <= spec.max;
    case 'boolean':
      return typeof value === 'boolean';
    case 'enum':
      return spec.options?.includes(String(value)) ?? false;
    default:
      return false;
  }
}

describe('the query help', () => {
  it('has examples that the back end can run', async () => {
    for (const { refId, queryType, format, params = {}, filters = [] } of await examples()) {
      const spec = findQueryType(catalog, queryType);
      expect(refId).toBe('C');
      expect(spec?.formats).toContain(format);
      for (const [name, value] of Object.entries(params)) {
        const param = spec?.params.find((p) => p.name === name);
        expect([name, fits(value, param)]).toEqual([name, true]);
        expect(value).not.toEqual(param?.default);
      }
      for (const filter of filters) {
        expect(tableColumns.columns.find((c) => c.name === filter.column)?.operators).toContain(filter.operator);
      }
    }
  });

  it.each([
    ['the score', { params: { minScore: 0.8 } }],
    ['hosts in place of addresses', { params: { groupBy: 'host' } }],
    ['names that also beacon', { params: { onlyBeacons: true } }],
    ['what is hidden', { allowlist: 'ignore' }],
  ])('shows how to ask for %s', async (_, query) => {
    expect(await examples()).toContainEqual(expect.objectContaining(partial(query)));
  });
});

function partial({ params, ...query }: { params?: object; allowlist?: string }): object {
  return params ? { ...query, params: expect.objectContaining(params) } : query;
}
