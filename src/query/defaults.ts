import { CoreApp } from '@grafana/data';

import { FluxhoundQuery } from '../types';

/**
 * The query that a new panel, Explore pane or rule starts with.
 *
 * Explore and dashboards start with everything that was found, as a table: an analyst asks "what is there?" first and
 * clicks from a finding to its events. Raw events would be a flood without a question. A rule needs one number a
 * finding, so it starts with one detector in the numeric format, which needs no knowledge of frames.
 */
export function defaultQuery(app?: CoreApp): Partial<FluxhoundQuery> {
  if (isAlerting(app)) {
    return { queryType: 'beaconing', format: 'numeric' };
  }
  return { queryType: 'alerts', format: 'table' };
}

/** Is the query edited or run for an alert rule? */
export function isAlerting(app?: CoreApp | string): boolean {
  return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
}
