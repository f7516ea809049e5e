import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { readSettings, type Settings } from '../../platform/config';
import type { Identity } from '../authenticate/identity';
import { HttpRefusal } from './body';

/** How much is answered in a window of time, in points of cost (`cost/operation-cost.ts`). */
export interface RateLimits {
  windowSeconds: number;
  /** Of one account of the staff. */
  accountPoints: number;
  /** Of one partner client, which is one grant. */
  grantPoints: number;
  /** Of everybody at one address together. */
  addressPoints: number;
  /** Requests of one address without a valid token. */
  addressFailures: number;
}

/** As set; by default so high that nobody meets them by hand: they are for programs that run wild, and for those who guess. */
export const ratesOf = (settings: Settings): RateLimits => ({
  windowSeconds: settings.RATE_SECONDS,
  accountPoints: settings.RATE_ACCOUNT,
  grantPoints: settings.RATE_GRANT,
  addressPoints: settings.RATE_ADDRESS,
  addressFailures: settings.RATE_FAILURES,
});

export const DEFAULT_RATES: RateLimits = ratesOf(readSettings({}));

/** Addresses share this many counts, by a hash that nobody knows: memory is bounded, whoever asks from wherever. */
const ADDRESS_COUNTS = 65_536;

/** Counts what callers have cost, in the memory of this process: several gateways each allow as much. */
export class Rates {
  private readonly staff: RateLimiterMemory;
  private readonly partners: RateLimiterMemory;
  private readonly addresses: RateLimiterMemory;
  private readonly failures: RateLimiterMemory;
  private readonly salt = randomBytes(16);
  /** Of addresses that were met lately. */
  private readonly counts = new LRUCache<string, string>({ max: 1_000 });

  /** @param trustProxy a reverse proxy in front sets X-Forwarded-For: its last entry is the caller's address */
  constructor(
    { windowSeconds: duration, accountPoints, grantPoints, addressPoints, addressFailures }: RateLimits,
    private readonly trustProxy: boolean,
  ) {
    const limiter = (points: number) => new RateLimiterMemory({ points, duration });
    this.staff = limiter(accountPoints);
    this.partners = limiter(grantPoints);
    this.addresses = limiter(addressPoints);
    this.failures = limiter(addressFailures);
  }

  /** Under which count a request's address stands. */
  addressOf({ headers, socket }: IncomingMessage): string {
    // What stands before the last entry comes from the client.
    const forwarded = this.trustProxy
      ? String(headers['x-forwarded-for'] ?? '')
          .split(',')
          .at(-1)!
          .trim()
      : '';
    const named = withoutPort(forwarded);
    const address = isIP(named) ? named : (socket.remoteAddress ?? '');
    let count = this.counts.get(address);
    if (count === undefined) this.counts.set(address, (count = this.countOf(network(address))));
    return count;
  }

  private countOf(network: string): string {
    const hash = createHash('sha256').update(this.salt).update(network).digest();
    return String(hash.readUInt32BE() % ADDRESS_COUNTS);
  }

  /**
   * Charges a caller and the address for an operation, whether or not it is answered.
   *
   * @throws HttpRefusal (429) when that is more than one of them has left
   */
  async charge({ issuer, subject, kind }: Identity, address: string, points: number): Promise<void> {
    if (points <= 0) return;
    const callers = kind === 'partner' ? this.partners : this.staff;
    await consume(callers, JSON.stringify([issuer, subject]), points, `You have ${TOO_MUCH}`);
    await consume(this.addresses, address, points, `Callers at your address have ${TOO_MUCH}`);
  }

  /**
   * Books a look at a token that isn't known yet, so that many at once count as many. What is answered takes it back, for a
   * token that is good.
   *
   * @throws HttpRefusal (429) after too many that were not
   */
  async attempt(address: string): Promise<() => Promise<unknown>> {
    await consume(this.failures, address, 1, TOO_MANY_FAILURES);
    return () => this.failures.reward(address);
  }
}

const TOO_MUCH = 'asked for more than is answered in a while';
const TOO_MANY_FAILURES = 'Too many requests without a valid token came from your address';

async function consume(limiter: RateLimiterMemory, key: string, points: number, why: string): Promise<void> {
  try {
    await limiter.consume(key, points);
  } catch (refusal) {
    const seconds = String(Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000)));
    throw new HttpRefusal(429, `${why}: try again in ${seconds} s.`, { 'retry-after': seconds }, 'RATE_LIMITED');
  }
}

/** Some proxies name the caller's port as well: `192.0.2.1:52044`, `[2001:db8::1]:52044`, or brackets alone. */
function withoutPort(entry: string): string {
  const [, v6, v4] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/.exec(entry) ?? [];
  return v6 ?? v4 ?? entry;
}

/** Who has one IPv6 address has the rest of its /64 too. */
function network(address: string): string {
  if (isIP(address) !== 6 || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('%')[0]!.split('::');
  const [front, back] = [head, tail].map((part) => part.split(':').filter(Boolean)) as [string[], string[]];
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
