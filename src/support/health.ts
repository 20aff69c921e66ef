import { TestDataSourceResponse } from '@grafana/data';
import { HealthCheckError, HealthCheckResult, HealthStatus } from '@grafana/runtime';
import { t } from '@grafana/i18n';

/** One step of the back end's health check. */
interface Check {
  name: string;
  ok: boolean;
  message: string;
  hint?: string;
}

/**
 * Turns a health check into what Save & test shows: on success what was proven, on failure what is wrong and the fix in
 * plain sight; and under it every step that was taken.
 */
export async function testResult(result: HealthCheckResult | undefined): Promise<TestDataSourceResponse> {
  const checks = checksOf(result);
  if (result?.status === HealthStatus.OK) {
    return { status: 'success', message: result.message, details: { verboseMessage: stepsText(checks) } };
  }
  const message =
    result?.message || t('config.test.unreachable', 'The plugin did not answer. See the Grafana server log.');
  const details = {
    message: checks.find((c) => !c.ok)?.hint ?? '',
    verboseMessage: stepsText(checks),
  };
  // Grafana shows the details only of a rejection of this form.
  return Promise.reject({ status: 'error', message, error: new HealthCheckError(message, details) });
}

function stepsText(checks: Check[]): string {
  return checks.map((c) => `${c.ok ? '✓' : '✗'} ${c.name}: ${c.message}`).join('\n');
}

function checksOf(result: HealthCheckResult | undefined): Check[] {
  const checks = result?.details?.checks;
  return Array.isArray(checks) ? checks : [];
}
