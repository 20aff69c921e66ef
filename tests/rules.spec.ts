import { expect, test } from './test';

/** A group that is evaluated every 15 minutes may come to its turn that long after Grafana's start, and is read for a while. */
const EVERY_GROUP = 1_200_000;

/** What Grafana says of a rule that it has not evaluated yet: its health is ok all the same. */
const NEVER = /^0001-/;

test('every provisioned rule that is not paused evaluates without an error', async ({ page }) => {
  test.setTimeout(EVERY_GROUP + 60_000);
  const provisioned: Rule[] = await (await page.request.get('/api/v1/provisioning/alert-rules')).json();
  const from = provisioned.filter(({ provenance }) => provenance === 'file');
  const running = from.filter(({ isPaused }) => !isPaused);
  expect(new Set(from.map(({ ruleGroup }) => ruleGroup)).size, 'provisioned groups').toBeGreaterThan(4);
  expect(running.length).toBeGreaterThan(7);
  await expect
    .poll(
      async () => {
        const { data }: Evaluated = await (await page.request.get('/api/prometheus/grafana/api/v1/rules')).json();
        const rules = data.groups.flatMap((g) => g.rules);
        return running
          .map(({ uid }) => rules.find((r) => r.uid === uid) ?? { uid, health: 'missing', lastEvaluation: '' })
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
  isPaused: boolean;
  provenance?: string;
}

interface Evaluated {
  data: {
    groups: Array<{ rules: Array<{ uid: string; health: string; lastError?: string; lastEvaluation: string }> }>;
  };
}
