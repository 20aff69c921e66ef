import { TimeRange } from '@grafana/data';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Is it too short a time for what repeats over hours and days? A time that is not known is not. */
export function isShort(range?: TimeRange): boolean {
  return range !== undefined && range.to.valueOf() - range.from.valueOf() < DAY_MS;
}
