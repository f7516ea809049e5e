import { RateLimiterMemory } from 'rate-limiter-flexible';
import { PublicError } from '../../../platform/errors';

/** Students that an account may try to put on its own caseload: enough for a full one at a time, too few to try all ids. */
export const SELF_ADD_LIMIT = { points: 200, durationSeconds: 600 };

const limiter = new RateLimiterMemory({ points: SELF_ADD_LIMIT.points, duration: SELF_ADD_LIMIT.durationSeconds });

/**
 * Counts students that a provider names, found or not: each is a look beyond what the provider sees.
 * @throws RATE_LIMITED
 */
export async function countSelfAdds(subject: string, students: number): Promise<void> {
  try {
    await limiter.consume(subject, students);
  } catch {
    throw new PublicError('RATE_LIMITED', 'Too many students beyond your caseload: try again in some minutes.');
  }
}
