/**
 * The plan oracle: random operations over small federations, over random graphs and over our own supergraph. The executor's
 * answer must be what graphql-js answers over one schema that has it all, to the order of the keys, and its errors must stand
 * at the same places. `ORACLE_SEED=… ORACLE_SIZE=test|nightly npm run oracles` repeats a failure.
 */
import fc from 'fast-check';
import { check, federate } from './plan/agreement';
import { SHAPES } from './plan/shapes';
import { choices, holds, ORACLE_TIMEOUT, sized } from './run';

describe.each(Object.entries(SHAPES))('%s', (_name, sdls) => {
  it.each([0, 20])(
    'agrees with one schema (one in %i fields fails)',
    async (faults) => {
      const federation = federate(sdls, faults);
      await holds(
        fc.asyncProperty(choices, (drawn) => check(federation, drawn)),
        sized(60, 600),
      );
    },
    ORACLE_TIMEOUT,
  );
});
