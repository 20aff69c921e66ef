import { t } from '@grafana/i18n';

const DAY = 24 * 60 * 60 * 1000;

/** Says what is wrong with an expiry: it is a day, which is in, or an instant. */
export function checkExpiry(text: string): string | undefined {
  return expiryOf(text) === undefined
    ? t(
        'config.allowlist.expires-invalid',
        'Give a day such as 2030-12-31, or an instant such as 2030-12-31T12:00:00Z.'
      )
    : undefined;
}

/** Has it passed? The present counts, whatever time a query looks at. */
export function isExpired(text: string, now: number): boolean {
  const expiry = expiryOf(text);
  return expiry !== undefined && now >= expiry;
}

/** The first instant at which nothing is hidden any more, in epoch milliseconds. */
function expiryOf(text: string): number | undefined {
  if (isDay(text)) {
    return Date.parse(`${text}T00:00:00Z`) + DAY;
  }
  const [, day, hour] = /^(\d{4}-\d{2}-\d{2})T(\d{2}):\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/.exec(text) ?? [];
  const instant = Date.parse(text);
  return day !== undefined && isDay(day) && Number(hour) < 24 && !Number.isNaN(instant) ? instant : undefined;
}

function isDay(text: string): boolean {
  const day = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day) && new Date(day).toJSON().startsWith(text);
}
