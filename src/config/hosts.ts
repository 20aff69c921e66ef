import { t } from '@grafana/i18n';

import { Protocol } from '../types';

/** Says what is wrong with a list of hosts: names or addresses, each with a port of its own if need be. */
export function checkHosts(text: string): string | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.every((entry) => entry === '')) {
    return t('config.host.missing', 'Give the name or address of a ClickHouse server.');
  }
  const wrong = entries.find((entry) => entry !== '' && !isHost(entry));
  if (wrong === undefined) {
    return undefined;
  }
  return t('config.host.invalid', '“{{wrong}}” must be a name or name:port, without scheme and path.', {
    wrong,
    interpolation: { escapeValue: false },
  });
}

/** The port that ClickHouse listens on unless it was configured otherwise. */
export function defaultPort(protocol: Protocol = 'native', secure = false): number {
  if (protocol === 'http') {
    return secure ? 8443 : 8123;
  }
  return secure ? 9440 : 9000;
}

function isHost(entry: string): boolean {
  const [, bracketed, name, port] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^/@?\s:[\]]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (bracketed === undefined && name === undefined) {
    return /^[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/.test(entry); // an IPv6 address without brackets
  }
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65535);
}
