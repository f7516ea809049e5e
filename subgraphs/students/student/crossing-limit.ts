import { RateLimiterMemory } from 'rate-limiter-flexible';
import { PublicError } from '../../../platform/errors';

/** Looks beyond the own scope per account: enough for a busy registrar, too few to try names and birthdays. */
export const CROSSING_LIMIT = { points: 60, durationSeconds: 600 };

/** The queries that count looks. */
export const COUNTED_LOOKS = ['Query.locateStudent'] as const;

const limiter = new RateLimiterMemory({ points: CROSSING_LIMIT.points, duration: CROSSING_LIMIT.durationSeconds });
const limited = () =>
  new PublicError('RATE_LIMITED', 'Too many look-ups beyond your scope: try again in some minutes.');

/** Counts one look beyond the scope. @throws RATE_LIMITED */
export async function countCrossing(subject: string): Promise<void> {
  try {
    await limiter.consume(subject);
  } catch {
    throw limited();
  }
}

/** @throws RATE_LIMITED when the account has used up its looks; counts nothing */
export async function assertCrossingAllowed(subject: string): Promise<void> {
  const used = await limiter.get(subject);
  if (used && used.consumedPoints >= CROSSING_LIMIT.points) throw limited();
}

/** Counts a refused act beyond the scope, which may have been a probe; never throws. */
export async function countRefusal(subject: string): Promise<void> {
  await limiter.consume(subject).catch(() => undefined);
}
