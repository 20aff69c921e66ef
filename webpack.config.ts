// The scaffold's configuration as it is. It is loaded through this file so that ts-node, which Node 20 needs, takes its
// options from the tsconfig.json beside it.
export { default } from './.config/webpack/webpack.config.ts';
