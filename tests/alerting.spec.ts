import { expect, test } from './test';

const TITLE = 'Fluxhound e2e rule';

test('a rule that is made by hand from the defaults fires', async ({ alertRuleEditPage, page }) => {
  test.setTimeout(300_000);
  await alertRuleEditPage.alertRuleNameField.fill(TITLE);
  const row = await alertRuleEditPage.getQueryRow('A');
  await row.datasource.set('Fluxhound');
  await expect(page.getByLabel('Detector', { exact: true })).toHaveValue('Beaconing');
  await expect(page.getByRole('radio', { name: 'Numeric' })).toBeChecked();
});
