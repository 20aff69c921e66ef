import { t } from '@grafana/i18n';

import { parseAddress } from '../query/addresses';
import { EXAMPLES } from './defaults';

/** Says what is wrong with the path of the HTTP interface. */
export function checkPath(text: string): string | undefined {
  return /^[^\s?#\\]*$/.test(text) && !text.includes('//')
    ? undefined
    : t('config.path.invalid', 'Give a path such as {{example}}, without scheme, host, ? and #.', {
        example: EXAMPLES.path,
        interpolation: { escapeValue: false },
      });
}

/** Says what is wrong with the name that is expected in the server's certificate. */
export function checkServerName(text: string): string | undefined {
  return text === '' || /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(text) || parseAddress(text)
    ? undefined
    : t('config.tls.server-name-invalid', 'Give a name such as {{example}}, or an address, without scheme and port.', {
        example: EXAMPLES.host,
        interpolation: { escapeValue: false },
      });
}

/** Says what is wrong with a block of PEM; an empty one is judged by who needs it. */
export function checkPem(text: string, kind: string): string | undefined {
  if (text === '') {
    return undefined;
  }
  if (!new RegExp(`^\\s*-----BEGIN [A-Z0-9 ]*${kind}-----`).test(text)) {
    return t('config.tls.pem', 'It must be PEM and begin with -----BEGIN {{kind}}-----', { kind });
  }
  if (!new RegExp(`-----END [A-Z0-9 ]*${kind}-----\\s*$`).test(text)) {
    return t('config.tls.pem-end', 'It is cut off: it must end with -----END {{kind}}-----', { kind });
  }
  return undefined;
}
