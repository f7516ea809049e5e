// Of Hive Gateway's own command line; calls that are alike and under way at the same time are shared unless SHARING=off.
import { defineConfig } from '@graphql-hive/gateway';

export const gatewayConfig = defineConfig({
  logging: 'error',
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: process.env.SHARING !== 'off' } } },
});
