import { evaluatedRules } from './grafana';
import { expect, test } from './test';

const TITLE = 'Fluxhound end-to-end rule';
const FOLDER = { uid: 'fluxhound-e2e-rules', title: 'Fluxhound end-to-end rules' };

test.beforeEach(async ({ page }) => {
  await page.request.post('/api/folders', { data: FOLDER });
});

test.afterEach(async ({ page }) => {
  await page.request.delete(`/api/folders/${FOLDER.uid}?forceDeleteRules=true`);
});

test('a rule that is made by hand from the defaults fires', async ({ alertRuleEditPage, page }) => {
  test.setTimeout(600_000);
  await alertRuleEditPage.alertRuleNameField.fill(TITLE);
  const row = await alertRuleEditPage.getQueryRow('A');
  await row.datasource.set('Fluxhound');

  // The defaults: one detector, in the format that rules need.
  await expect(page.getByLabel('Detector', { exact: true })).toHaveValue('Beaconing');
  await expect(page.getByRole('radio', { name: 'Numeric' })).toBeChecked();

  // Grafana's own default looks back ten minutes, and the editor says that this is too short.
  await expect(page.getByText('The rule looks back less than a day')).toBeVisible();
  await page
    .getByRole('button', { name: /^Options/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'now-10m to now' }).click();
  await page.getByText('Last 7 days', { exact: true }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByText('The rule looks back less than a day')).toBeHidden();

  await page.getByRole('button', { name: /^Select folder/ }).click();
  await page.getByText(FOLDER.title, { exact: true }).click();
  await page.getByRole('button', { name: 'New evaluation group' }).click();
  await page.getByTestId(/new-evaluation-group-name/).fill('e2e');
  await page.getByTestId(/new-evaluation-group-interval/).fill('10s');
  await page.getByTestId(/new-evaluation-group-create-button/).click();
  await page.getByTestId('contact-point-picker').locator('input').first().click();
  await page.getByRole('option', { name: /grafana-default-email/ }).click();
  await expect(page.getByText('Contact point is required.')).toBeHidden();
  await page.getByTestId('save-rule').click();
  await expect(
    page
      .getByText('Rule added successfully')
      .or(page.getByRole('heading', { name: TITLE }))
      .first()
  ).toBeVisible();

  await expect
    .poll(async () => (await evaluatedRules(page)).filter((r) => r.name === TITLE).map((r) => r.state), {
      timeout: 300_000,
      intervals: [5_000],
    })
    .toContain('firing');
});

test('a format that no rule can use is told in the editor', async ({ alertRuleEditPage, page }) => {
  const row = await alertRuleEditPage.getQueryRow('A');
  await row.datasource.set('Fluxhound');
  await page.getByRole('radio', { name: 'Table' }).check();
  await expect(page.getByText('An alert rule needs the format Numeric')).toBeVisible();
  await page.getByRole('button', { name: 'Use Numeric' }).click();
  await expect(page.getByRole('radio', { name: 'Numeric' })).toBeChecked();
  await expect(page.getByText('An alert rule needs the format Numeric')).toBeHidden();
});
