import fc, { type IAsyncPropertyWithHooks } from 'fast-check';

/** `nightly` draws ten times as many cases as `test`, the size within `npm test`. */
const NIGHTLY = process.env.ORACLE_SIZE === 'nightly';
/**
 * The seed of every draw. `npm test` asks the same questions each time, so that it fails for the change under test alone; the
 * nightly size draws new ones. A failure prints the seed, and `ORACLE_SEED` repeats it.
 */
export const ORACLE_SEED = Number(process.env.ORACLE_SEED ?? (NIGHTLY ? Date.now() % 2 ** 31 : 1));

export const sized = <T>(test: T, nightly: T): T => (NIGHTLY ? nightly : test);

/** The time that Jest grants one oracle. */
export const ORACLE_TIMEOUT = sized(300_000, 3_600_000);

/** Runs a property so often, from `ORACLE_SEED`. A failure names the seed and, shrunk if possible, the drawn values. */
export function holds<T extends unknown[]>(
  property: IAsyncPropertyWithHooks<T>,
  numRuns: number,
  { shrink = true } = {},
): Promise<void> {
  return fc.assert(property, {
    seed: ORACLE_SEED,
    numRuns,
    endOnFailure: !shrink,
    // Shrinking asks a whole product again and again: it ends where waiting for it would.
    interruptAfterTimeLimit: ORACLE_TIMEOUT - 30_000,
    markInterruptAsFailure: false,
    reporter: (details) => {
      if (!details.failed) return;
      const fault =
        details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
      throw new Error(
        `ORACLE_SEED=${ORACLE_SEED} after ${details.numRuns} runs: ${fault}\n${fc.stringify(details.counterexample).slice(0, 2_000)}`,
      );
    },
  });
}

/** Numbers to draw from, each below a limit: the same numbers draw the same things, and fewer of them simpler things. */
export type Draw = (limit: number) => number;

/** For `drawFrom`; fast-check shrinks them. */
export const choices = fc.array(fc.nat(9_999), { minLength: 8, maxLength: 160 });

export function drawFrom(numbers: readonly number[]): Draw {
  let at = 0;
  return (limit) => {
    const lap = Math.floor(at / numbers.length);
    return (numbers[at++ % numbers.length]! + lap) % limit;
  };
}

/** A long sequence from one number, where nothing is to be shrunk (mulberry32). */
export function drawSeeded(seed: number): Draw {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

export const oneOf = <T>(draw: Draw, all: readonly T[]): T => all[draw(all.length)]!;
