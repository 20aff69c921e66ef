import { screen } from '@testing-library/react';

import { queryFields } from '../fixtures/contract';
import { openEditor, saved } from '../fixtures/editor';
import { FluxhoundQuery } from '../types';
import { GRAFANAS, unreadFields } from './unread';

/** As it is left in a panel that was another data source's. */
const left = {
  refId: 'A',
  key: 'k',
  intervalMs: 1000,
  queryType: 'beaconing',
  rawSql: 'SELECT 1',
  editorType: 'sql',
} as FluxhoundQuery;

describe('a field that nobody reads', () => {
  it('is told from Fluxhound’s and Grafana’s own, as the back end does', () => {
    expect(unreadFields(left)).toEqual(['editorType', 'rawSql']);
    expect(GRAFANAS).toEqual(queryFields.grafanas);
    const all = Object.fromEntries([...queryFields.own, ...queryFields.grafanas].map((name) => [name, 1]));
    expect(unreadFields(all as unknown as FluxhoundQuery)).toEqual([]);
  });

  it('is named in the editor, which takes it out when asked', async () => {
    const { user, onChange } = openEditor(left);
    expect(await screen.findByText(/The query carries editorType, rawSql/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Remove them' }));
    expect(saved(onChange)).toEqual({ refId: 'A', key: 'k', queryType: 'beaconing' });
    expect(screen.queryByText(/The query carries/)).not.toBeInTheDocument();
  });
});
