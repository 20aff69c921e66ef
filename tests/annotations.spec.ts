import { expect, test } from './test';

import { DATASOURCE_UID, eventsSpan } from './clickhouse';
import { deleteDashboard, makeDashboard, timeOf } from './grafana';

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
  await marker.click({ force: true }); // it stays
  const [device, events] = ['Investigate the device', 'Show the events'].map((name) =>
    page.getByRole('link', { name }).first()
  );
  await expect(device).toHaveAttribute('href', /\/d\/fluxhound-device\?.*var-device=[^&]/);
  await events.click();
  await expect(page).toHaveURL(/\/explore\?/);
  await expect(page.getByText(/^Connection\w+ .* on /).first()).toBeVisible();
});

test('the annotation editor asks for findings', async ({ annotationEditPage, page }) => {
  await annotationEditPage.datasource.set('Fluxhound');
  await expect(page.getByLabel('Detector', { exact: true })).toHaveValue('All alerts');
  await expect(page.getByRole('radio', { name: 'Table' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Test annotation query' }).click();
  // No event in the default range is an answer as well; an error would stand in its place.
  await expect(
    page
      .getByText(/^(No events found|Showing attributes for first event)/)
      .or(page.getByText(/^\d+ events/))
      .first()
  ).toBeVisible();
});
