import { LRUCache } from 'lru-cache';
import type { Principal } from '../../platform/principal/principal';
import type { SubgraphTransport } from '../transport/transport';
import { type Identity, Refusal } from './identity';

const MAX_REMEMBERED = 10_000;
/** A Principal may be remembered because its epoch makes an outdated one useless (architecture, section 4). */
const REMEMBERED_MS = 60_000;

/** Loads Principals from the students subgraph, which alone knows accounts and grants. */
export class PrincipalSource {
  private readonly known = new LRUCache<string, Promise<Principal>>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS });

  /** @param serviceKey opens the internal endpoints of the students subgraph */
  constructor(
    private readonly students: SubgraphTransport,
    private readonly serviceKey: string,
  ) {}

  /**
   * @param perspective the client's choice, checked by the students subgraph against the grants; null for the default
   * @throws Refusal (403) when there is no such account or perspective; other errors when students can't be asked
   */
  load(identity: Identity, perspective: string | null): Promise<Principal> {
    const key = keyOf(identity, perspective);
    return this.known.get(key) ?? this.fetch(key, identity, perspective);
  }

  /** The Principal after a change of rights. `outdated` is not answered again. */
  async reload(identity: Identity, perspective: string | null, outdated: Principal): Promise<Principal> {
    const key = keyOf(identity, perspective);
    // Of many requests that meet the change at once, one asks.
    const known = await this.known.get(key)?.catch(() => undefined);
    return known && known.epoch !== outdated.epoch ? known : this.fetch(key, identity, perspective);
  }

  private fetch(key: string, identity: Identity, perspective: string | null): Promise<Principal> {
    const loading = this.ask(identity, perspective);
    this.known.set(key, loading);
    loading.catch(() => {
      if (this.known.peek(key) === loading) this.known.delete(key);
    });
    return loading;
  }

  private async ask(identity: Identity, perspective: string | null): Promise<Principal> {
    const { issuer, subject, kind, scopes, credential } = identity;
    const body = JSON.stringify({ issuer, subject, kind, scopes, credential, perspective });
    const headers = { 'x-service-key': this.serviceKey };
    const answer = await this.students.send('/internal/principal', body, headers);
    const isKnown = answer.status === 200;
    if (!isKnown && answer.status !== 403 && answer.status !== 404)
      throw new Error(`students answered ${answer.status} to /internal/principal`);
    const principal = isKnown ? (JSON.parse(answer.body) as { principal?: Principal | null }).principal : null;
    if (!principal) {
      throw new Refusal(
        403,
        perspective === null
          ? 'This sign-in has no account here, or its grant is not in force.'
          : 'This is not a perspective of yours.',
      );
    }
    if (typeof principal.subject !== 'string' || typeof principal.epoch !== 'number')
      throw new Error('students answered no Principal');
    return principal;
  }
}

function keyOf({ issuer, subject, kind, scopes, credential }: Identity, perspective: string | null): string {
  return JSON.stringify([issuer, subject, kind, scopes, credential, perspective]);
}
