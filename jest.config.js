// Times are printed in UTC wherever the tests run.
process.env.TZ = 'UTC';

const scaffold = require('./.config/jest.config');
const { grafanaESModules, nodeModulesToTransform } = require('./.config/jest/utils');

const [[, transformer]] = Object.entries(scaffold.transform);

module.exports = {
  ...scaffold,
  testTimeout: 300_000, // a guard against a test that hangs, generous for a machine that is busy
  // d3-color ships .mjs, which the scaffold's pattern leaves as it is.
  transform: { '^.+\\.m?[tj]sx?$': transformer },
  transformIgnorePatterns: [nodeModulesToTransform(grafanaESModules)],
};
