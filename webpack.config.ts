// The scaffold's configuration. It is loaded through this file so that ts-node, which Node 20 needs, takes its options from
// the tsconfig.json beside it.
import { resolve } from 'node:path';
import type { Configuration } from 'webpack';

import scaffold, { type Env } from './.config/webpack/webpack.config.ts';

export default async function configure(env: Env): Promise<Configuration> {
  const config = await scaffold(env);
  if (typeof config.cache !== 'object' || config.cache.type !== 'filesystem') {
    throw new Error('the scaffold no longer caches in files: remove this addition to its cache');
  }
  // src/plugin.json is a link, and the cache does not see that what it leads to has changed.
  const manifest = [resolve('plugin.json')];
  return {
    ...config,
    cache: { ...config.cache, buildDependencies: { ...config.cache.buildDependencies, manifest } },
  };
}
