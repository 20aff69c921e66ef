import { DataSourceSettings } from '@grafana/data';
import { config } from '@grafana/runtime';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { tableColumns } from '../fixtures/contract';
import { answering, resourceFault } from '../fixtures/datasource';
import { choose } from '../fixtures/editor';
import pluginJson from '../plugin.json';
import { FluxhoundOptions, FluxhoundSecrets } from '../types';
import { ConfigEditor } from './ConfigEditor';
import { MODEL } from './model';

type Settings = DataSourceSettings<FluxhoundOptions, FluxhoundSecrets>;

interface Options {
  settings?: Partial<Settings>;
  answers?: Parameters<typeof answering>[0];
}

/** Opens the config editor on settings, as Grafana does: what it hands over comes back as its settings. */
function open(jsonData: FluxhoundOptions = {}, { settings, answers }: Options = {}) {
  const requests = answering(answers);
  const onChange = jest.fn<void, [Settings]>();
  const start: Settings = {
    id: 1,
    uid: 'uid-1',
    orgId: 1,
    name: 'Fluxhound',
    type: pluginJson.id,
    typeName: 'Fluxhound',
    typeLogoUrl: '',
    access: 'proxy',
    url: '',
    user: '',
    // Grafana’s type still asks for it.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    database: '',
    basicAuth: false,
    basicAuthUser: '',
    isDefault: false,
    secureJsonFields: {},
    readOnly: false,
    withCredentials: false,
    version: 1,
    ...settings,
    jsonData,
  };
  let save = () => {};
  function Host() {
    const [current, setCurrent] = useState(start);
    save = () => setCurrent((now) => ({ ...now, version: (now.version ?? 0) + 1 }));
    return (
      <ConfigEditor
        options={current}
        onOptionsChange={(next) => {
          onChange(next);
          setCurrent(next);
        }}
      />
    );
  }
  render(<Host />);
  const saved = () => onChange.mock.lastCall?.[0];
  return {
    saved,
    save: () => act(save),
    onChange,
    requests,
    user: userEvent.setup({ delay: null, pointerEventsCheck: 0 }),
  };
}

async function openSection(user: ReturnType<typeof open>['user'], name: string) {
  const toggle = screen.queryByRole('button', { name: `Expand section ${name}` });
  if (toggle) {
    await user.click(toggle);
  }
}

describe('the server', () => {
  it('host is checked as it is typed', async () => {
    const { user, saved } = open();
    const host = screen.getByLabelText(/^Host/);
    await user.type(host, 'a/b');
    expect(screen.getByText(/“a\/b” must be a name or name:port/)).toBeInTheDocument();
    await user.clear(host);
    await user.type(host, 'a:9000, b');
    expect(screen.queryByText(/must be a name or name:port/)).not.toBeInTheDocument();
    expect(saved()?.jsonData).toEqual({ host: 'a:9000, b' });
  });

  it('protocol and security set the default port, and HTTP has a path', async () => {
    const { user, saved } = open({ host: 'a' });
    expect(screen.getByLabelText(/^Port/)).toHaveAttribute('placeholder', '9000');
    await user.click(screen.getByRole('radio', { name: 'HTTP' }));
    await user.click(screen.getByLabelText(/^Secure connection/));
    expect(screen.getByLabelText(/^Port/)).toHaveAttribute('placeholder', '8443');
    await user.type(screen.getByLabelText(/^Path/), '/ch');
    expect(saved()?.jsonData).toEqual({ host: 'a', protocol: 'http', secure: true, path: '/ch' });
    await user.click(screen.getByRole('radio', { name: 'Native' }));
    expect(saved()?.jsonData).toEqual({ host: 'a', protocol: 'native', secure: true });
  });

  it('port is a number within its range', async () => {
    const { user, saved } = open({ host: 'a' });
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
    const { user, saved } = open();
    await user.type(screen.getByLabelText(/^User name/), 'soc');
    await user.type(screen.getByLabelText(/^Password/), 'pw');
    expect(saved()).toMatchObject({ jsonData: { username: 'soc' }, secureJsonData: { password: 'pw' } });
    expect(JSON.stringify(saved()?.jsonData)).not.toContain('pw');
  });

  it('never shows a stored password, and can put another in its place', async () => {
    const { user, saved } = open({}, { settings: { secureJsonFields: { password: true } } });
    expect(screen.getByLabelText(/^Password/)).toHaveValue('configured');
    await user.click(screen.getByRole('button', { name: /reset/i }));
    expect(saved()).toMatchObject({ secureJsonFields: { password: false }, secureJsonData: { password: '' } });
  });
});

describe('TLS', () => {
  it('has settings only on a secure connection', async () => {
    open({ host: 'a' });
    expect(screen.getByText(/Turn on the secure connection/)).toBeInTheDocument();
    expect(screen.queryByLabelText(/^Server name/)).not.toBeInTheDocument();
  });

  it.each([
    ['Own certificate authority', 'tlsAuthWithCACert', /^CA certificate/, 'tlsCACert', 'CERTIFICATE'],
    ['Client certificate', 'tlsAuth', /^Certificate/, 'tlsClientCert', 'CERTIFICATE'],
    ['Client certificate', 'tlsAuth', /^Key/, 'tlsClientKey', 'PRIVATE KEY'],
  ])('%s asks for PEM: %s', async (toggle, flag, label, secret, kind) => {
    const { user, saved } = open({ host: 'a', secure: true });
    await user.click(screen.getByLabelText(new RegExp(`^${toggle}`)));
    expect(saved()?.jsonData).toMatchObject({ [flag]: true });
    const area = screen.getByLabelText(label);
    await user.click(area);
    await user.paste('secret');
    expect(screen.getByText(`It must be PEM and begin with -----BEGIN ${kind}-----`)).toBeInTheDocument();
    await user.clear(area);
    await user.click(area);
    await user.paste(`-----BEGIN ${kind}-----\nAA==\n-----END ${kind}-----`);
    expect(screen.queryByText(/It must be PEM/)).not.toBeInTheDocument();
    expect(saved()?.secureJsonData).toMatchObject({ [secret]: expect.stringContaining('AA==') });
  });

  it('takes the name that the certificate must have', async () => {
    const { user, saved } = open({ host: 'a', secure: true });
    await user.type(screen.getByLabelText(/^Server name/), 'db.example');
    expect(saved()?.jsonData.serverName).toBe('db.example');
  });

  it('warns of skipping the verification', async () => {
    const { user, saved } = open({ host: 'a', secure: true });
    await user.click(screen.getByLabelText(/^Skip verification/));
    expect(saved()?.jsonData.tlsSkipVerify).toBe(true);
    expect(screen.getByText('The server is not verified')).toBeInTheDocument();
    await user.click(screen.getByLabelText(/^Skip verification/));
    expect(saved()?.jsonData).not.toHaveProperty('tlsSkipVerify');
  });
});

describe('the events table', () => {
  it('asks the server nothing before a host is given', () => {
    const { requests } = open();
    expect(screen.getByText(/press Save & test: then the pickers/)).toBeInTheDocument();
    expect(requests).toEqual([]);
  });

  it('asks the server once the host is saved, and with what is saved', async () => {
    const { user, requests, save } = open();
    await user.type(screen.getByLabelText(/^Host/), 'a');
    expect(requests).toEqual([]);
    save();
    await waitFor(() =>
      expect(requests.map(({ url }) => url)).toContainEqual(expect.stringMatching(/schema\/tables$/))
    );
    expect(requests.every(({ headers }) => headers?.['X-Grafana-NoCache'] === 'true')).toBe(true);
    expect(screen.queryByText(/press Save & test: then the pickers/)).not.toBeInTheDocument();
  });

  it('is picked from the server’s databases and tables', async () => {
    const { user, saved } = open({ host: 'a' });
    await choose(user, screen.getByLabelText(/^Table/), 'other');
    expect(saved()?.jsonData.table).toBe('other');
    await choose(user, screen.getByLabelText(/^Database/), 'default');
    expect(saved()?.jsonData.database).toBe('default');
  });

  it('can be typed where the server cannot be asked, and the reason is shown', async () => {
    const { user, saved } = open(
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
    const { user, saved } = open({ host: 'a' }, { answers: { 'schema/columns': { ...tableColumns, available } } });
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
    open({ host: 'a' }, { answers: { 'schema/columns': answer } });
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
    const { user, saved, onChange } = open({ host: 'a' });
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

describe('custom settings', () => {
  it('are saved when they have a name, and can be removed', async () => {
    const { user, saved } = open({ host: 'a' });
    await openSection(user, 'Custom settings');
    await user.click(screen.getByRole('button', { name: 'Add a setting' }));
    await user.type(screen.getByLabelText('Value 1'), '4');
    expect(saved()?.jsonData).not.toHaveProperty('customSettings');
    await user.type(screen.getByLabelText('Setting 1'), 'max_threads');
    expect(saved()?.jsonData.customSettings).toEqual([{ setting: 'max_threads', value: '4' }]);
    await user.click(screen.getByRole('button', { name: 'Remove setting 1' }));
    expect(saved()?.jsonData).not.toHaveProperty('customSettings');
  });

  it.each([
    ['readonly', /The plugin sets this itself/],
    ['max threads', /only letters, digits and _/],
  ])('%s is refused', async (name, problem) => {
    open({ host: 'a', customSettings: [{ setting: name, value: '1' }] });
    expect(await screen.findByText(problem)).toBeInTheDocument();
  });
});

describe('the secure socks proxy', () => {
  afterEach(() => (config.secureSocksDSProxyEnabled = false));

  it('is offered only where Grafana has it', async () => {
    open();
    expect(screen.queryByText('Secure socks proxy')).not.toBeInTheDocument();
  });

  it('is a switch', async () => {
    config.secureSocksDSProxyEnabled = true;
    const { user, saved } = open({ host: 'a' });
    await openSection(user, 'Secure socks proxy');
    await user.click(screen.getByLabelText(/^Use the proxy/));
    expect(saved()?.jsonData.enableSecureSocksProxy).toBe(true);
  });
});

describe('a provisioned data source', () => {
  it('can be seen and not changed', async () => {
    open({ host: 'a', port: 9001 }, { settings: { readOnly: true } });
    expect(screen.getByLabelText(/^Host/)).toBeDisabled();
    expect(screen.getByLabelText(/^Port/)).toBeDisabled();
    expect(screen.getByLabelText(/^Password/)).toBeDisabled();
    await waitFor(() => expect(screen.getByLabelText(/^Table/)).toBeDisabled());
  });
});

describe('the allowlist', () => {
  it('saves an entry field by field and leaves an empty one out', async () => {
    const { user, saved, onChange } = open({ host: 'a' });
    await openSection(user, 'Allowlist');
    await user.click(screen.getByRole('button', { name: 'Add an entry' }));
    expect(onChange).not.toHaveBeenCalled();
    await user.type(screen.getByLabelText('Domain'), 'updates.example.com');
    await user.type(screen.getByLabelText('Reason'), 'updates');
    await user.type(screen.getByLabelText('Owner'), 'it-ops');
    await choose(user, screen.getByLabelText('Detector'), 'beaconing');
    expect(saved()?.jsonData.allowlist).toEqual([
      { domain: 'updates.example.com', reason: 'updates', owner: 'it-ops', detector: 'beaconing' },
    ]);
    await user.clear(screen.getByLabelText('Reason'));
    expect(saved()?.jsonData.allowlist?.[0]).not.toHaveProperty('reason');
    await user.click(screen.getByRole('button', { name: 'Remove entry 1' }));
    expect(saved()?.jsonData).not.toHaveProperty('allowlist');
  });

  it('says what an entry lacks and what is wrong with it', async () => {
    open({
      host: 'a',
      allowlist: [
        { domain: '.com', network: 'x', expires: '2030-02-30' },
        { reason: 'r', owner: 'o' },
      ],
    });
    expect(screen.getByText('Give a domain such as updates.example.com.')).toBeInTheDocument();
    expect(screen.getByText('Give a network such as 203.0.113.0/24, or an address.')).toBeInTheDocument();
    expect(screen.getByText('Say why its findings are harmless.')).toBeInTheDocument();
    expect(screen.getByText('Say who answers for it.')).toBeInTheDocument();
    expect(screen.getByText('Give a day such as 2030-12-31.')).toBeInTheDocument();
    expect(screen.getByText('Give at least one of domain, network, process and device.')).toBeInTheDocument();
  });

  it('names a table of entries', async () => {
    const { user, saved } = open({ host: 'a' });
    await openSection(user, 'Allowlist');
    await user.type(screen.getByLabelText(/^Table of entries/), 'allowlist');
    expect(saved()?.jsonData).toEqual({ host: 'a', allowlistTable: 'allowlist' });
  });
});

describe('the look-ups', () => {
  it('saves dynamic DNS domains, a table of them and a dictionary', async () => {
    const { user, saved } = open({ host: 'a' });
    await openSection(user, 'Look-ups');
    await user.click(screen.getByRole('button', { name: 'Add a dynamic DNS domain' }));
    await user.type(screen.getByLabelText('Dynamic DNS domain 1'), '.dyn');
    expect(screen.getByText(/without a dot in front/)).toBeInTheDocument();
    await user.clear(screen.getByLabelText('Dynamic DNS domain 1'));
    await user.type(screen.getByLabelText('Dynamic DNS domain 1'), 'dyn.example.com');
    await user.type(screen.getByLabelText('Provider 1'), 'Ours');
    await user.type(screen.getByLabelText(/^Table of dynamic DNS domains/), 'more');
    await user.type(screen.getByLabelText(/^Dictionary of autonomous systems/), 'db.asn');
    expect(saved()?.jsonData).toEqual({
      host: 'a',
      dynamicDnsSuffixes: [{ suffix: 'dyn.example.com', provider: 'Ours' }],
      dynamicDnsSuffixTable: 'more',
      asnDictionary: 'db.asn',
    });
  });
});
