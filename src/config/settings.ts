import { DataSourcePluginOptionsEditorProps } from '@grafana/data';

import { FluxhoundOptions, FluxhoundSecrets } from '../types';
import { readable } from './readable';

export type ConfigProps = DataSourcePluginOptionsEditorProps<FluxhoundOptions, FluxhoundSecrets>;

export type SecretName = keyof FluxhoundSecrets;

/** Reads and changes a data source's settings, as the sections of the config editor need it. */
export interface SettingsEditor {
  /** The data source as it is saved. */
  uid: string;
  json: FluxhoundOptions;
  /** The data source was provisioned: its settings can be seen and not changed. */
  readOnly: boolean;
  /** Changes fields; an undefined or empty one is taken out, so that its default holds. */
  set: (changes: Partial<FluxhoundOptions>) => void;
  isSecretSet: (name: SecretName) => boolean;
  /** The secret as it is typed; a stored one is never shown. */
  secret: (name: SecretName) => string;
  setSecret: (name: SecretName, value: string) => void;
  resetSecret: (name: SecretName) => void;
}

export function settingsEditor({ options, onOptionsChange }: ConfigProps): SettingsEditor {
  const json = readable(options.jsonData);
  return {
    uid: options.uid,
    json,
    readOnly: options.readOnly,
    set: (changes) => onOptionsChange({ ...options, jsonData: withoutEmpty({ ...json, ...changes }) }),
    isSecretSet: (name) => Boolean(options.secureJsonFields?.[name]),
    secret: (name) => options.secureJsonData?.[name] ?? '',
    setSecret: (name, value) =>
      onOptionsChange({ ...options, secureJsonData: { ...options.secureJsonData, [name]: value } }),
    resetSecret: (name) =>
      onOptionsChange({
        ...options,
        secureJsonFields: { ...options.secureJsonFields, [name]: false },
        secureJsonData: { ...options.secureJsonData, [name]: '' },
      }),
  };
}

function withoutEmpty(json: FluxhoundOptions): FluxhoundOptions {
  const kept = { ...json };
  for (const name of Object.keys(kept) as Array<keyof FluxhoundOptions>) {
    if (kept[name] === undefined || kept[name] === '' || kept[name] === false) {
      delete kept[name];
    }
  }
  return kept;
}
