import { evaluatedRules } from './grafana';
import { expect, test } from './test';

/** A group that is evaluated every 15 minutes may come to its turn that long after Grafana's start, and is read for a while. */
const EVERY_GROUP = 1_200_000;

/** The seconds between evaluations from which a spec does not wait for the next: such a rule is evaluated here. */
const TOO_SELDOM = 3_600;

/** What Grafana says of a rule that it has not evaluated yet: its health is ok all the same. */
const NEVER = /^0001-/;

test('every provisioned rule that is not paused evaluates without an error', async ({ page }) => {
  test.setTimeout(EVERY_GROUP + 60_000);
  const provisioned: Rule[] = await (await page.request.get('/api/v1/provisioning/alert-rules')).json();
  const from = provisioned.filter(({ provenance }) => provenance === 'file');
  const running = from.filter(({ isPaused }) => !isPaused);
  expect(new Set(from.map(({ ruleGroup }) => ruleGroup)).size, 'provisioned groups').toBeGreaterThan(4);
  expect(running.length).toBeGreaterThan(7);
  const seldom = (await evaluatedRules(page)).filter(({ interval }) => interval >= TOO_SELDOM).map(({ uid }) => uid);
  for (const { uid, condition, data } of running.filter((rule) => seldom.includes(rule.uid))) {
    const response = await page.request.post('/api/v1/eval', { data: { condition, data } });
    expect(response.status(), `${uid}: ${await response.text()}`).toBe(200);
    const { results }: { results: Record<string, { error?: string }> } = await response.json();
    expect(
      Object.values(results).flatMap(({ error }) => error ?? []),
      `errors of ${uid}`
    ).toEqual([]);
  }
  const often = running.filter(({ uid }) => !seldom.includes(uid));
  await expect
    .poll(
      async () => {
        const rules = await evaluatedRules(page);
        return often
          .map(
            ({ uid }) =>
              rules.find((r) => r.uid === uid) ?? { uid, health: 'missing', lastError: undefined, lastEvaluation: '' }
          )
          .filter(({ health, lastEvaluation }) => health !== 'ok' || NEVER.test(lastEvaluation))
          .map(({ uid, health, lastError }) => [uid, health, lastError]);
      },
      { message: 'rules that are not well', timeout: EVERY_GROUP, intervals: [5_000] }
    )
    .toEqual([]);
});

interface Rule {
  uid: string;
  ruleGroup: string;
  condition: string;
  data: object[];
  isPaused: boolean;
  provenance?: string;
}
