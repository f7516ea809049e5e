/** Tests run on swc; ES-only packages are transformed because Jest cannot require them. */
module.exports = {
  testEnvironment: 'node',
  roots: [
    '<rootDir>/gateway',
    '<rootDir>/issuer',
    '<rootDir>/platform',
    '<rootDir>/subgraphs',
    '<rootDir>/scripts',
    '<rootDir>/test',
  ],
  testMatch: ['**/*.test.ts'],
  setupFiles: ['reflect-metadata'],
  transform: { '^.+\\.(t|j|mj)s$': '@swc/jest' },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  transformIgnorePatterns: [
    '/node_modules/(?!(jose|oidc-provider|oidc-token-hash|nanoid|quick-lru|eta|koa|@koa|lru-cache|p-limit|yocto-queue|@noble)/)',
  ],
  // Libraries print warnings of their own; what failed says so in its test.
  silent: true,
  testTimeout: 120_000,
  // Each file loads the whole product anew; what it leaves behind ends with its worker.
  workerIdleMemoryLimit: '1GB',
  globalSetup: '<rootDir>/test/harness/begin-run.cjs',
  globalTeardown: '<rootDir>/test/harness/end-run.cjs',
  reporters: ['default', '<rootDir>/test/harness/summary-reporter.cjs'],
};
