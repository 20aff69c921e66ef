import { TestDataSourceResponse } from '@grafana/data';
import { HealthCheckError, HealthCheckResult, HealthStatus } from '@grafana/runtime';
import { t } from '@grafana/i18n';

/** One step of the back end's health check. */
interface Check {
  name: string;
  ok: boolean;
  /** What is not ok leaves something to be found all the same. */
  warning?: boolean;
  message: string;
  hint?: string;
}

/**
 * Turns a health check into what Save & test shows: on success what was proven, on failure what is wrong and the fix in
 * plain sight; and under it every step that was taken. The back end says Unknown where all can be asked, and some events
 * cannot be looked at: that is a warning.
 */
export async function testResult(result: HealthCheckResult | undefined): Promise<TestDataSourceResponse> {
  const checks = checksOf(result);
  if (result?.status === HealthStatus.OK) {
    return { status: 'success', message: result.message, details: { verboseMessage: stepsText(checks) } };
  }
  if (result?.status === HealthStatus.Unknown && result.message && checks.length > 0) {
    const fixes = unique(checks.filter((c) => !c.ok).map((c) => c.hint ?? ''));
    return {
      status: 'warning',
      message: result.message,
      details: { message: fixes.join(' '), verboseMessage: stepsText(checks) },
    };
  }
  const message =
    result?.message || t('config.test.unreachable', 'The plugin did not answer. See the Grafana server log.');
  const details = {
    message: unique(checks.filter((c) => !c.ok).map((c) => c.hint ?? '')).join(' '),
    verboseMessage: stepsText(checks),
  };
  // Grafana shows the details only of a rejection of this form.
  return Promise.reject({ status: 'error', message, error: new HealthCheckError(message, details) });
}

function stepsText(checks: Check[]): string {
  return checks.map((c) => `${mark(c)} ${c.name}: ${c.message}`).join('\n');
}

function mark(check: Check): string {
  if (check.ok) {
    return '✓';
  }
  return check.warning ? '!' : '✗';
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}

function checksOf(result: HealthCheckResult | undefined): Check[] {
  const checks = result?.details?.checks;
  return Array.isArray(checks) ? checks : [];
}
