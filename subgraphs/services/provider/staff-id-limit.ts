import { RateLimiterMemory } from 'rate-limiter-flexible';
import { PublicError } from '../../../platform/errors';

/** Staff numbers that an account may enter: enough for a school at a time, too few to find out whose number is known. */
export const STAFF_ID_LIMIT = { points: 100, durationSeconds: 600 };

const limiter = new RateLimiterMemory({ points: STAFF_ID_LIMIT.points, duration: STAFF_ID_LIMIT.durationSeconds });

/**
 * Counts a staff number that somebody enters, taken or not: a refused one tells that it is known in the state.
 * @throws RATE_LIMITED
 */
export async function countStaffId(subject: string): Promise<void> {
  try {
    await limiter.consume(subject);
  } catch {
    throw new PublicError('RATE_LIMITED', 'Too many staff numbers: try again in some minutes.');
  }
}
