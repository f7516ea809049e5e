const { readFileSync, writeFileSync } = require('node:fs');
const circus = require('jest-circus/runner');

/**
 * Runs one suite in which one file of ours reads otherwise (`<suite>.json`), and leaves word that it was read at all. Nothing
 * on the disk changes, and each suite of a run can have a file of its own that reads otherwise.
 */
module.exports = async (globalConfig, config, environment, runtime, testPath, ...rest) => {
  const { file, source } = JSON.parse(readFileSync(`${testPath}.json`, 'utf8'));
  const { transformCache } = runtime;
  const plain = transformCache.transform.bind(transformCache);
  transformCache.transform = (path, options) => {
    if (path !== file) return plain(path, options);
    writeFileSync(`${testPath}.read`, '');
    const all = transformCache.getFullTransformationOptions(options);
    return transformCache.scriptTransformer.transformSource(path, source, all).code;
  };
  return (circus.default ?? circus)(globalConfig, config, environment, runtime, testPath, ...rest);
};
