/**
 * The plan oracle: random operations over small federations, over random graphs and over our own subgraphs. The executor's
 * answer must be what graphql-js answers over one schema that has it all, to the order of the keys, and its errors must stand
 * at the same places. `ORACLE_SEED=… ORACLE_SIZE=test|nightly npm run oracles` repeats a failure; nightly, 10,000 operations.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { randomGraph } from './field/random-graph';
import { check, counts, federate } from './plan/agreement';
import { SHAPES } from './plan/shapes';
import type { Sdls } from './plan/world';
import { choices, holds, ORACLE_SEED, ORACLE_TIMEOUT, sized } from './run';

/** One in so many fields fails; in half of the runs, none. */
const FAULTS = [0, 20];

async function agrees(sdls: Sdls, faults: number, operations: number): Promise<void> {
  const federation = federate(sdls, faults);
  await holds(
    fc.asyncProperty(choices, (drawn) => check(federation, drawn)),
    operations,
  );
}

describe.each(Object.entries(SHAPES))('%s', (_name, sdls) => {
  it.each(FAULTS)(
    'agrees with one schema (one in %i fields fails)',
    (faults) => agrees(sdls, faults, sized(10, 300)),
    ORACLE_TIMEOUT,
  );
});

it(
  'agrees over random graphs',
  async () => {
    for (let at = 0; at < sized(4, 40); at++)
      await agrees(randomGraph(ORACLE_SEED + at).sdls, FAULTS[at % 2]!, sized(8, 100));
  },
  ORACLE_TIMEOUT,
);

it(
  'agrees over our own subgraphs',
  async () => {
    const names = ['students', 'iep', 'services', 'reporting'];
    const sdls = names.map((name) => [name, readFileSync(join('schema', `${name}.graphql`), 'utf8')] as const);
    for (const faults of FAULTS) await agrees(Object.fromEntries(sdls), faults, sized(8, 700));
  },
  ORACLE_TIMEOUT,
);

afterAll(() => {
  // Failing fields are drawn often enough to mean something.
  expect(counts.withErrors).toBeGreaterThan(counts.cases / 20);
});
