import { reject } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { endOf, type PartnerGrant } from './partner-grant.entity';
import type { RotatePartnerCredentialInput } from './partner-grant.inputs';
import { PartnerGrantRepository } from './partner-grant.repository';
import { isSameKey, type PublicKey } from './public-keys';

/** How a client proves who it is: by a secret, of which the hash is kept, or by keys. */
export interface Credential {
  /** Empty when there are keys. */
  secretHash: string;
  publicKeys: PublicKey[] | null;
}

const HOUR = 60 * 60 * 1_000;
const MAX_OVERLAP_HOURS = 168;
const DEFAULT_OVERLAP_HOURS = 24;

/** Replaces the credentials of partner clients. */
export class PartnerCredentialService {
  private readonly grants: PartnerGrantRepository;

  constructor(private readonly session: Session) {
    this.grants = session.get(PartnerGrantRepository);
  }

  /**
   * Puts another credential in the place of the present one, which counts for some hours more, or ends at once together with
   * its tokens. A credential of before the present one ends in any case: there are never more than two.
   * @throws NOT_FOUND for a grant out of reach; Rejection when it has ended, or for a key that the client has already
   */
  async rotate(input: RotatePartnerCredentialInput, credential: Credential): Promise<void> {
    const hours = input.overlapHours ?? DEFAULT_OVERLAP_HOURS;
    if (!Number.isInteger(hours) || hours < 0 || hours > MAX_OVERLAP_HOURS)
      throw reject('BAD_USER_INPUT', `The overlap is 0 to ${MAX_OVERLAP_HOURS} whole hours.`, ['overlapHours']);
    const grant = await this.grants.findForChange(input.partnerGrantId);
    this.assertReplaceable(grant, credential);
    await this.grants.update(grant.id, { ...credential, ...this.former(grant, hours) });
  }

  private assertReplaceable(grant: PartnerGrant, { publicKeys }: Credential): void {
    const { today, principal } = this.session;
    if (endOf(grant, today, principal.timeZone) !== null)
      throw reject('34-CFR-99.35', 'The grant has ended: make a new one.', ['partnerGrantId']);
    const known = [...(grant.publicKeys ?? []), ...(grant.previousKeys ?? [])];
    if (publicKeys?.some((key) => known.some((other) => isSameKey(key, other))))
      throw reject('BAD_USER_INPUT', 'The client has this key already: make a new pair.', ['publicKey']);
  }

  private former({ secretHash, publicKeys }: PartnerGrant, hours: number): Partial<PartnerGrant> {
    const { now } = this.session;
    const changed = { credentialChangedAt: now };
    if (hours === 0)
      return { ...changed, previousSecretHash: null, previousKeys: null, previousUntil: null, tokensFrom: now };
    return {
      ...changed,
      previousSecretHash: secretHash || null,
      previousKeys: publicKeys,
      previousUntil: new Date(now.getTime() + hours * HOUR),
    };
  }
}
