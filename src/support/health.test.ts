import { HealthCheckError, HealthStatus } from '@grafana/runtime';

import { testResult } from './health';

const passed = { name: 'settings', ok: true, message: 'The settings are valid.' };
const failed = { name: 'connection', ok: false, message: '[auth] wrong password', hint: 'Set the password again.' };

describe('Save & test', () => {
  it('shows on success what was proven', async () => {
    const result = { status: HealthStatus.OK, message: 'Connected.', details: { checks: [passed] } };
    await expect(testResult(result)).resolves.toEqual({ status: 'success', message: 'Connected.' });
  });

  it('shows on failure what is wrong, the fix in plain sight, and the steps', async () => {
    const result = { status: HealthStatus.Error, message: failed.message, details: { checks: [passed, failed] } };
    const rejection = await testResult(result).catch((e) => e);
    expect(rejection).toMatchObject({ status: 'error', message: '[auth] wrong password' });
    expect(rejection.error).toBeInstanceOf(HealthCheckError);
    expect(rejection.error.details).toEqual({
      message: 'Set the password again.',
      verboseMessage: '✓ settings: The settings are valid.\n✗ connection: [auth] wrong password',
    });
  });

  it('says where to look when the plugin did not answer', async () => {
    await expect(testResult(undefined)).rejects.toMatchObject({ message: expect.stringContaining('server log') });
  });
});
