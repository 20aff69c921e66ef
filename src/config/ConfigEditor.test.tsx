import { config } from '@grafana/runtime';
import { screen, waitFor } from '@testing-library/react';

import { openConfig, openSection } from '../fixtures/config';
import { tableColumns } from '../fixtures/contract';
import { resourceFault } from '../fixtures/datasource';
import { choose } from '../fixtures/editor';
import { MODEL } from './model';

describe('the server', () => {
  it('host is checked as it is typed', async () => {
    const { user, saved } = openConfig();
    const host = screen.getByLabelText(/^Host/);
    await user.type(host, 'a/b');
    expect(screen.getByText(/“a\/b” must be a name or name:port/)).toBeInTheDocument();
    await user.clear(host);
    await user.type(host, 'a:9000, b');
    expect(screen.queryByText(/must be a name or name:port/)).not.toBeInTheDocument();
    expect(saved()?.jsonData).toEqual({ host: 'a:9000, b' });
  });

  it('protocol and security set the default port, and HTTP has a path', async () => {
    const { user, saved } = openConfig({ host: 'a' });
    expect(screen.getByLabelText(/^Port/)).toHaveAttribute('placeholder', '9000');
    await user.click(screen.getByRole('radio', { name: 'HTTP' }));
    await user.click(screen.getByLabelText(/^Secure connection/));
    expect(screen.getByLabelText(/^Port/)).toHaveAttribute('placeholder', '8443');
    await user.type(screen.getByLabelText(/^Path/), '/ch');
    expect(saved()?.jsonData).toEqual({ host: 'a', protocol: 'http', secure: true, path: '/ch' });
    await user.click(screen.getByRole('radio', { name: 'Native' }));
    expect(saved()?.jsonData).toEqual({ host: 'a', protocol: 'native', secure: true });
  });

  it('path is checked as it is typed', async () => {
    const { user } = openConfig({ host: 'a', protocol: 'http' });
    await user.type(screen.getByLabelText(/^Path/), 'http://a');
    expect(screen.getByText(/^Give a path such as \/clickhouse/)).toBeInTheDocument();
  });

  it('port is a number within its range', async () => {
    const { user, saved } = openConfig({ host: 'a' });
    const port = screen.getByLabelText(/^Port/);
    await user.type(port, '70000');
    expect(screen.getByText('It may be 1 to 65535.')).toBeInTheDocument();
    await user.clear(port);
    await user.type(port, '9001');
    await user.tab();
    expect(saved()?.jsonData.port).toBe(9001);
    await user.clear(port);
    await user.tab();
    expect(saved()?.jsonData).not.toHaveProperty('port');
  });
});

describe('authentication', () => {
  it('saves the user name plainly and the password as a secret', async () => {
    const { user, saved } = openConfig();
    await user.type(screen.getByLabelText(/^User name/), 'soc');
    await user.type(screen.getByLabelText(/^Password/), 'pw');
    expect(saved()).toMatchObject({ jsonData: { username: 'soc' }, secureJsonData: { password: 'pw' } });
    expect(JSON.stringify(saved()?.jsonData)).not.toContain('pw');
  });

  it('never shows a stored password, and can put another in its place', async () => {
    const { user, saved } = openConfig({}, { settings: { secureJsonFields: { password: true } } });
    expect(screen.getByLabelText(/^Password/)).toHaveValue('configured');
    await user.click(screen.getByRole('button', { name: /reset/i }));
    expect(saved()).toMatchObject({ secureJsonFields: { password: false }, secureJsonData: { password: '' } });
  });
});

describe('the events table', () => {
  // The sources are part of the plugin.
  const ofServer = (requests: Array<{ url: string }>) =>
    requests.filter(({ url }) => !/\/(sources|detectors)$/.test(url));

  it('asks the server nothing before a host is given', () => {
    const { requests } = openConfig();
    expect(screen.getByText(/press Save & test: then the pickers/)).toBeInTheDocument();
    expect(ofServer(requests)).toEqual([]);
  });

  it('asks the server once the host is saved, and with what is saved', async () => {
    const { user, requests, save } = openConfig();
    await user.type(screen.getByLabelText(/^Host/), 'a');
    expect(ofServer(requests)).toEqual([]);
    save();
    await waitFor(() =>
      expect(requests.map(({ url }) => url)).toContainEqual(expect.stringMatching(/schema\/tables$/))
    );
    expect(requests.every(({ headers }) => headers?.['X-Grafana-NoCache'] === 'true')).toBe(true);
    expect(screen.queryByText(/press Save & test: then the pickers/)).not.toBeInTheDocument();
  });

  it('is picked from the server’s databases and tables', async () => {
    const { user, saved } = openConfig({ host: 'a' });
    await choose(user, screen.getByLabelText(/^Table/), 'other');
    expect(saved()?.jsonData.table).toBe('other');
    await choose(user, screen.getByLabelText(/^Database/), 'default');
    expect(saved()?.jsonData.database).toBe('default');
  });

  it('can be typed where the server cannot be asked, and the reason is shown', async () => {
    const { user, saved } = openConfig(
      { host: 'a' },
      { answers: { 'schema/tables': resourceFault(502, { message: '[network] refused', hint: 'Start it.' }) } }
    );
    expect(await screen.findByText('[network] refused')).toBeInTheDocument();
    await user.type(screen.getByLabelText(/^Table/), 'mine');
    await user.click(await screen.findByRole('option', { name: /^mine/ }));
    expect(saved()?.jsonData.table).toBe('mine');
  });

  it('maps a column to one of the table’s, and saves nothing for one of the same name', async () => {
    const available = [{ name: 'ts', type: 'DateTime' }, ...(tableColumns.available ?? [])];
    const { user, saved } = openConfig(
      { host: 'a' },
      { answers: { 'schema/columns': { ...tableColumns, available } } }
    );
    await openSection(user, 'Columns');
    await choose(user, await screen.findByLabelText(/^Timestamp/), /^ts/);
    expect(saved()?.jsonData.columns).toEqual({ Timestamp: 'ts' });
    await choose(user, screen.getByLabelText(/^Timestamp/), /^Timestamp/);
    expect(saved()?.jsonData).not.toHaveProperty('columns');
  });

  it('shows a required column that the table lacks, without being opened', async () => {
    const answer = {
      ...tableColumns,
      columns: tableColumns.columns.map((c) => (c.name === 'RemoteIP' ? { ...c, present: false, column: '' } : c)),
      available: (tableColumns.available ?? []).filter((c) => c.name !== 'RemoteIP'),
    };
    openConfig({ host: 'a' }, { answers: { 'schema/columns': answer } });
    expect(await screen.findByText(/The table has no column of this name/)).toBeInTheDocument();
  });

  it('knows the model’s columns before the server does', () => {
    expect(MODEL).toEqual(tableColumns.columns.map(({ name, required }) => ({ name, required })));
  });
});

describe('the limits', () => {
  it.each([
    ['Query timeout', 'queryTimeout', '3601', '120', 120],
    ['Row limit', 'rowLimit', '0', '500', 500],
    ['Shared answers', 'cacheTTL', '3601', '0', 0],
    ['Dial timeout', 'dialTimeout', '301', '5', 5],
    ['Open connections', 'maxOpenConns', '1001', '20', 20],
    ['Idle connections', 'maxIdleConns', '-1', '0', 0],
    ['Connection lifetime', 'connMaxLifetime', '1441', '10', 10],
  ])('%s refuses what is out of range and saves what fits', async (label, name, wrong, right, value) => {
    const { user, saved, onChange } = openConfig({ host: 'a' });
    await openSection(user, 'Limits');
    const input = screen.getByLabelText(new RegExp(`^${label}`));
    await user.type(input, wrong);
    await user.tab();
    expect(screen.getByText(/^It may be /)).toBeInTheDocument();
    expect(onChange).not.toHaveBeenCalled();
    await user.clear(input);
    await user.type(input, right);
    await user.tab();
    expect(saved()?.jsonData).toEqual({ host: 'a', [name]: value });
  });
});

describe('the secure socks proxy', () => {
  afterEach(() => (config.secureSocksDSProxyEnabled = false));

  it('is offered only where Grafana has it', async () => {
    openConfig();
    expect(screen.queryByText('Secure socks proxy')).not.toBeInTheDocument();
  });

  it('is a switch', async () => {
    config.secureSocksDSProxyEnabled = true;
    const { user, saved } = openConfig({ host: 'a' });
    await openSection(user, 'Secure socks proxy');
    await user.click(screen.getByLabelText(/^Use the proxy/));
    expect(saved()?.jsonData.enableSecureSocksProxy).toBe(true);
  });
});

describe('a provisioned data source', () => {
  it('can be seen and not changed', async () => {
    openConfig({ host: 'a', port: 9001 }, { settings: { readOnly: true } });
    expect(screen.getByLabelText(/^Host/)).toBeDisabled();
    expect(screen.getByLabelText(/^Port/)).toBeDisabled();
    expect(screen.getByLabelText(/^Password/)).toBeDisabled();
    await waitFor(() => expect(screen.getByLabelText(/^Table/)).toBeDisabled());
  });
});
