import { resolve } from 'node:path';

/** The project's configuration of Jest with another choice of suites: without what begins, ends and reports a run of all. */
export function jestConfig(own: object): object {
  const {
    globalSetup: _,
    globalTeardown: __,
    reporters: ___,
    ...config
  } = require(resolve('jest.config.js')) as Record<string, unknown>;
  return { ...config, rootDir: resolve('.'), ...own };
}
