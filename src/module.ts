import { DataSourcePlugin } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';

import pluginJson from './plugin.json';
import { ConfigEditor } from './config/ConfigEditor';
import { FluxhoundDataSource } from './datasource';
import { CheatSheet } from './explore/CheatSheet';
import { QueryEditor } from './query/QueryEditor';
import { FluxhoundOptions, FluxhoundQuery, FluxhoundSecrets } from './types';

// English is in the source as each text's default, so that a Grafana that loads no translations shows it too.
await initPluginTranslations(pluginJson.id);

export const plugin = new DataSourcePlugin<FluxhoundDataSource, FluxhoundQuery, FluxhoundOptions, FluxhoundSecrets>(
  FluxhoundDataSource
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(CheatSheet);
