import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

interface Limit {
  points: number;
  /** Seconds. */
  duration: number;
}
type LimitName = 'nameAndAddress' | 'name' | 'address';
type Limits = Partial<Record<LimitName, Limit>>;

const QUARTER_HOUR = 15 * 60;
const HOUR = 60 * 60;

/**
 * Passwords. Each limit alone leaves a way: many names from one address, one name from many addresses (NIST SP 800-63B,
 * 5.2.2, wants at most 100 failures in a row on one account).
 */
export const PASSWORD_LIMITS: Limits = {
  nameAndAddress: { points: 10, duration: QUARTER_HOUR },
  name: { points: 100, duration: HOUR },
  address: { points: 300, duration: QUARTER_HOUR },
};

/** Client secrets are long and random: nobody guesses them, and nobody shall lock a partner out from another address. */
export const CLIENT_LIMITS: Limits = {
  nameAndAddress: { points: 50, duration: QUARTER_HOUR },
  address: { points: 300, duration: QUARTER_HOUR },
};

/** Counts failed attempts of one process by user name (or client id) and address. */
export class FailedAttempts {
  private readonly limiters: [LimitName, RateLimiterMemory][];

  constructor(limits: Limits) {
    this.limiters = Object.entries(limits).map(([name, limit]) => [name as LimitName, new RateLimiterMemory(limit)]);
  }

  /**
   * Books an attempt before its secret is looked at, so that many at once count as many.
   * @returns seconds to wait, 0 when the attempt may go on
   */
  async begin(name: string, address: string): Promise<number> {
    const keys = keysOf(name, address);
    for (const [limit, limiter] of this.limiters) {
      try {
        await limiter.consume(keys[limit]);
      } catch (refusal) {
        return Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000));
      }
    }
    return 0;
  }

  /** Takes a successful attempt back; what failed before it from this address is forgotten. */
  async succeeded(name: string, address: string): Promise<void> {
    const keys = keysOf(name, address);
    for (const [limit, limiter] of this.limiters) {
      if (limit === 'nameAndAddress') await limiter.delete(keys[limit]);
      else await limiter.reward(keys[limit]);
    }
  }
}

const keysOf = (name: string, address: string): Record<LimitName, string> => {
  const shortName = name.slice(0, 200).toLowerCase();
  return { nameAndAddress: `${shortName} ${address}`, name: shortName, address };
};
