import { screen } from '@testing-library/react';

import { openConfig, sectionEditor } from '../fixtures/config';
import { FluxhoundOptions } from '../types';
import { TlsSection } from './TlsSection';

const open = (jsonData: FluxhoundOptions, settings = {}) =>
  openConfig(jsonData, { settings, Editor: sectionEditor(TlsSection) });

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

  it('refuses a server name that no certificate can have', async () => {
    const { user } = open({ host: 'a', secure: true });
    await user.type(screen.getByLabelText(/^Server name/), 'https://db');
    expect(screen.getByText(/^Give a name such as clickhouse.example.com, or an address/)).toBeInTheDocument();
  });

  it.each([
    [/^Certificate/, 'CERTIFICATE', 'a certificate needs its key'],
    [/^Key/, 'PRIVATE KEY', 'a key needs its certificate'],
  ])('says of %s alone what else is needed', async (label, kind, problem) => {
    const { user } = open({ host: 'a', secure: true, tlsAuth: true });
    expect(screen.queryByText(/It is missing/)).not.toBeInTheDocument();
    await user.click(screen.getByLabelText(label));
    await user.paste(`-----BEGIN ${kind}-----\nAA==\n-----END ${kind}-----`);
    expect(screen.getByText(`It is missing: ${problem}.`)).toBeInTheDocument();
  });

  it('takes a stored key for given', async () => {
    open({ secure: true, tlsAuth: true }, { secureJsonFields: { tlsClientCert: true, tlsClientKey: true } });
    expect(screen.queryByText(/It is missing/)).not.toBeInTheDocument();
  });

  it('says which of what a provisioned data source needs is missing', async () => {
    open(
      { secure: true, tlsAuth: true, tlsAuthWithCACert: true },
      { readOnly: true, secureJsonFields: { tlsClientCert: true } }
    );
    expect(screen.getByText(/^It is missing, although the authority is said to be your own/)).toBeInTheDocument();
    expect(screen.getByText('It is missing: a certificate needs its key.')).toBeInTheDocument();
    expect(screen.queryByText('It is missing: a key needs its certificate.')).not.toBeInTheDocument();
  });

  it.each([/^CA certificate/, /^Certificate/, /^Key/])('says of %s what it is and its default', (label) => {
    open({ secure: true, tlsAuth: true, tlsAuthWithCACert: true });
    expect(screen.getByLabelText(label)).toHaveAccessibleName(expect.stringMatching(/PEM.*Default: none\.$/));
  });
});
