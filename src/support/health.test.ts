import { HealthCheckError, HealthStatus } from '@grafana/runtime';

import { testResult } from './health';

const passed = { name: 'settings', ok: true, message: 'The settings are valid.' };
const failed = { name: 'connection', ok: false, message: '[auth] wrong password', hint: 'Set the password again.' };
const hours = { name: 'hours', ok: true, message: 'Hours are not used: a column is missing.' };

const EXPIRED = 'The allowlist has 1 entry. 1 have expired and hide nothing: domain b.example.com: r (o).';

describe('Save & test', () => {
  it('shows on success what was proven', async () => {
    const result = { status: HealthStatus.OK, message: 'Connected.', details: { checks: [passed] } };
    await expect(testResult(result)).resolves.toEqual({
      status: 'success',
      message: 'Connected.',
      details: { verboseMessage: '✓ settings: The settings are valid.' },
    });
  });

  it('shows on success how hours and lists stand, and which entries have expired', async () => {
    const checks = [passed, hours, { name: 'allowlist', ok: true, message: EXPIRED }];
    // The back end’s message is that of all steps but the settings.
    const message = `${hours.message} ${EXPIRED}`;
    await expect(testResult({ status: HealthStatus.OK, message, details: { checks } })).resolves.toMatchObject({
      message: expect.stringContaining('have expired and hide nothing: domain b.example.com'),
      details: { verboseMessage: expect.stringContaining('✓ hours: Hours are not used: a column is missing.') },
    });
  });

  it('shows which entries of the allowlist are at fault, and what was found before', async () => {
    const message = 'allowlist[2] hides nothing: reason is missing.';
    const checks = [passed, hours, { name: 'allowlist', ok: false, message, hint: 'Correct what is named.' }];
    const rejection = await testResult({ status: HealthStatus.Error, message, details: { checks } }).catch((e) => e);
    expect(rejection.message).toBe(message);
    expect(rejection.error.details.message).toBe('Correct what is named.');
    expect(rejection.error.details.verboseMessage).toContain('✓ hours: Hours are not used: a column is missing.');
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

  it('warns where all can be asked and some events cannot be looked at, with every fix once', async () => {
    const gap = (message: string, hint: string) => ({ name: 'data', ok: false, warning: true, message, hint });
    const checks = [passed, gap('No bytes are counted.', 'Map SentBytes.'), gap('Nor here.', 'Map SentBytes.')];
    const result = { status: HealthStatus.Unknown, message: 'No bytes are counted. Nor here.', details: { checks } };
    await expect(testResult(result)).resolves.toEqual({
      status: 'warning',
      message: 'No bytes are counted. Nor here.',
      details: {
        message: 'Map SentBytes.',
        verboseMessage: '✓ settings: The settings are valid.\n! data: No bytes are counted.\n! data: Nor here.',
      },
    });
  });

  it('says where to look when the plugin did not answer', async () => {
    await expect(testResult(undefined)).rejects.toMatchObject({ message: expect.stringContaining('server log') });
  });
});
