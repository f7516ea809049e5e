import { hash } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { type Identity, Refusal } from './identity';
import { remoteKeys } from './issuer-keys';
import type { TrustedIssuer } from './trusted-issuer';

/** Asymmetric only: with a shared secret among them, a public key could be used as one (HS/RS confusion, attack 32). */
const ALGORITHMS = ['ES256', 'RS256', 'EdDSA'];
/** An issuer that doesn't answer, or not with keys, is no reason to tell a caller that the token is wrong. */
const ISSUER_FAULTS = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_TOKEN_LENGTH = 8_192;
const MAX_REMEMBERED = 10_000;
/** A key that its issuer has withdrawn is believed no longer than this, and until the issuer's keys are read anew. */
const REMEMBERED_MS = 60_000;

/** Verifies access tokens. A verified token is remembered for a minute, by its hash. */
export class TokenVerifier {
  private readonly issuers: ReadonlyMap<string, { issuer: TrustedIssuer; keys: JWTVerifyGetKey }>;
  private readonly verified = new LRUCache<string, Identity>({ max: MAX_REMEMBERED });

  constructor(issuers: readonly TrustedIssuer[]) {
    this.issuers = new Map(issuers.map((issuer) => [issuer.url, { issuer, keys: issuer.keys ?? remoteKeys(issuer) }]));
  }

  /**
   * Of a token that isn't `known`.
   * @param authorization the header as the client sent it
   * @throws Refusal (401) unless it is a bearer token of an issuer that we trust; other errors when the issuer's keys can't be had
   */
  async verify(authorization: string | undefined): Promise<Identity> {
    const token = bearer(authorization);
    if (!token) throw new Refusal(401, 'Sign in: a bearer token is needed.');
    if (token.length > MAX_TOKEN_LENGTH) throw invalid();
    const identity = await this.check(token);
    const ttl = Math.min(identity.expiresAt - Date.now(), REMEMBERED_MS);
    if (ttl > 0) this.verified.set(hashOf(token), identity, { ttl });
    return identity;
  }

  /** Whose token it is, when it was verified before and is still good. */
  known(authorization: string | undefined): Identity | undefined {
    const token = bearer(authorization);
    const known = token && token.length <= MAX_TOKEN_LENGTH ? this.verified.get(hashOf(token)) : undefined;
    return known && known.expiresAt > Date.now() ? known : undefined;
  }

  private async check(token: string): Promise<Identity> {
    const trusted = this.issuers.get(issuerOf(token));
    if (!trusted) throw invalid();
    const { issuer, keys } = trusted;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer: issuer.url,
        audience: issuer.audience,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['sub', 'exp'],
      });
      return toIdentity(payload, issuer);
    } catch (error) {
      if (error instanceof errors.JOSEError && !ISSUER_FAULTS.has(error.code)) throw invalid();
      throw error;
    }
  }
}

const bearer = (authorization = ''): string | undefined => /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
const hashOf = (token: string): string => hash('sha256', token, 'base64');
const invalid = () => new Refusal(401, 'The token is not valid (any more): sign in again.');

/** Read before anything is verified, only to choose the keys to verify with. */
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw invalid();
  }
}

/** A foreign issuer's subject is always a person of the staff, whatever its claims say (attack 63). */
function toIdentity(claims: JWTPayload, issuer: TrustedIssuer): Identity {
  const subject = claims.sub;
  if (!subject || subject.length > 200) throw invalid();
  const expiresAt = claims.exp! * 1_000;
  if (!issuer.embedded) return { issuer: issuer.url, subject, kind: 'staff', scopes: [], expiresAt };
  const kind = claims.kind ?? 'staff';
  if (kind !== 'staff' && kind !== 'partner') throw invalid();
  if (kind === 'staff') return { issuer: 'embedded', subject, kind, scopes: [], expiresAt };
  const scope = typeof claims.scope === 'string' ? claims.scope : '';
  const scopes = scope.split(' ').filter(Boolean).sort();
  const credential = claims.credential ?? 0;
  if (!Number.isSafeInteger(credential)) throw invalid();
  return { issuer: 'embedded', subject, kind, scopes, expiresAt, credential: credential as number };
}
