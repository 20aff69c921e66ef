// The scaffold's configuration. It is loaded through this file so that ts-node, which Node 20 needs, takes its options from
// the tsconfig.json beside it.
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Configuration } from 'webpack';

import scaffold, { type Env } from './.config/webpack/webpack.config.ts';

export default async function configure(env: Env): Promise<Configuration> {
  const config = await scaffold(env);
  if (typeof config.cache !== 'object' || config.cache.type !== 'filesystem') {
    throw new Error('the scaffold no longer caches in files: remove this addition to its cache');
  }
  if (!Array.isArray(config.externals) || !config.externals.includes(JSX_RUNTIME)) {
    throw new Error('the scaffold no longer leaves the JSX runtime to Grafana: remove its replacement');
  }
  // src/plugin.json and src/dashboards are links, and the cache does not see that what they lead to has changed.
  const dashboards = readdirSync('dashboards').map((name) => resolve('dashboards', name));
  const linked = [resolve('plugin.json'), ...dashboards];
  return {
    ...config,
    cache: { ...config.cache, buildDependencies: { ...config.cache.buildDependencies, linked } },
    // Not every Grafana that the plugin runs in shares it; see the replacement.
    externals: config.externals.filter((external) => external !== JSX_RUNTIME),
    resolve: {
      ...config.resolve,
      alias: { ...config.resolve?.alias, [`${JSX_RUNTIME}$`]: resolve('src/support/jsxRuntime.ts') },
    },
  };
}

const JSX_RUNTIME = 'react/jsx-runtime';
