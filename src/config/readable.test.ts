import { backEndSettings } from '../fixtures/contract';
import { FluxhoundOptions } from '../types';
import { ALIASES, readable } from './readable';

const read = (stored: Record<string, unknown>) => readable(stored as FluxhoundOptions);

describe('stored settings', () => {
  it('are read whatever type provisioning gave them', () => {
    expect(
      read({
        host: 'h',
        port: '9000',
        secure: 'true',
        tlsSkipVerify: 'false',
        tlsAuth: 1,
        username: 1001,
        rowLimit: '',
        queryTimeout: 'soon',
        internalNetworks: '10.0.0.0/8, 192.0.2.0/24,',
      })
    ).toEqual({
      host: 'h',
      port: 9000,
      secure: true,
      tlsSkipVerify: false,
      tlsAuth: true,
      username: '1001',
      rowLimit: undefined,
      queryTimeout: 'soon',
      internalNetworks: ['10.0.0.0/8', '192.0.2.0/24'],
    });
  });

  it('are read under the names of other ClickHouse data sources, and this plugin’s come first', () => {
    expect(read({ server: 'h', defaultDatabase: 'soc', database: 'own', encrypt: 'true' })).toEqual({
      host: 'h',
      database: 'own',
      secure: true,
    });
    expect(ALIASES).toEqual(backEndSettings.aliases);
  });

  it('keep what nobody knows', () => {
    expect(read({ host: 'h', newInGrafana: { a: 1 } })).toEqual({ host: 'h', newInGrafana: { a: 1 } });
  });
});
