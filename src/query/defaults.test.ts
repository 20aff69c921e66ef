import { CoreApp } from '@grafana/data';

import { catalog } from '../fixtures/contract';
import { defaultQuery } from './defaults';

describe('the default query', () => {
  it.each([
    [CoreApp.Explore, 'alerts', 'table'],
    [CoreApp.PanelEditor, 'alerts', 'table'],
    [CoreApp.Dashboard, 'alerts', 'table'],
    [undefined, 'alerts', 'table'],
    [CoreApp.UnifiedAlerting, 'beaconing', 'numeric'],
    [CoreApp.CloudAlerting, 'beaconing', 'numeric'],
  ])('in %s asks %s as %s', (app, queryType, format) => {
    expect(defaultQuery(app)).toEqual({ queryType, format });
    const spec = catalog.detectors.find((d) => d.name === queryType);
    expect(spec?.formats).toContain(format);
  });
});
