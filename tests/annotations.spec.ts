import { expect, test } from './test';

import { DATASOURCE_UID, eventsSpan } from './clickhouse';
import { answerOf, deleteDashboard, makeDashboard, timeOf } from './grafana';

const UID = 'fluxhound-e2e-annotations';
const datasource = { type: 'fluxhound-detections-datasource', uid: DATASOURCE_UID };

test.afterEach(async ({ page }) => deleteDashboard(page, UID));

test('findings are annotations with tags', async ({ page, request }) => {
  const span = await eventsSpan(request);
  await makeDashboard(page, UID, {
    title: 'Annotations',
    time: timeOf(span),
    annotations: {
      list: [
        {
          name: 'Findings',
          enable: true,
          iconColor: 'red',
          datasource,
          target: { refId: 'Anno', queryType: 'fastFlux', format: 'table' },
        },
      ],
    },
    panels: [
      {
        id: 1,
        type: 'timeseries',
        title: 'Events',
        datasource,
        gridPos: { x: 0, y: 0, w: 24, h: 14 },
        targets: [{ refId: 'A', datasource, queryType: 'events', format: 'timeseries' }],
      },
    ],
  });
  await page.goto(`/d/${UID}`);
  const marker = page.getByTestId(/annotation-marker/).first();
  await expect(marker).toBeVisible();
  await marker.hover({ force: true }); // the panel's cursor lies above it
  await expect(page.getByText('PotentialFastFluxActivity').first()).toBeVisible();
});

test('the annotation editor asks for findings', async ({ annotationEditPage, page }) => {
  await annotationEditPage.datasource.set('Fluxhound');
  await expect(page.getByLabel('Detector', { exact: true })).toHaveValue('All alerts');
  await expect(page.getByRole('radio', { name: 'Table' })).toHaveCount(0);
  const answer = await answerOf(
    page,
    () => page.getByRole('button', { name: 'Test annotation query' }).click(),
    (queries) => queries.some((q) => q.queryType === 'alerts' && q.format === 'table')
  );
  expect(Object.values(answer.results).every((r) => r.error === undefined)).toBe(true);
});
