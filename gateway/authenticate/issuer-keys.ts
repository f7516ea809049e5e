import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import type { TrustedIssuer } from './trusted-issuer';

const TIMEOUT_MS = 5_000;
/** However many unknown key ids arrive, keys are fetched at most once in this time (attack 33). */
const COOLDOWN_MS = 30_000;
const KEPT_MS = 10 * 60_000;
const RETRY_DISCOVERY_MS = 5_000;

/** The keys of an issuer, fetched when first needed and refreshed with a bound. */
export function remoteKeys(issuer: Pick<TrustedIssuer, 'url' | 'jwksUri'>): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | null = null;
  const find = async (): Promise<JWTVerifyGetKey> => {
    const uri = issuer.jwksUri ?? (await discoverKeys(issuer.url));
    return createRemoteJWKSet(new URL(uri), {
      timeoutDuration: TIMEOUT_MS,
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: KEPT_MS,
    });
  };
  return async (header, token) => {
    if (!found) {
      const attempt = find();
      found = attempt;
      // A failure is remembered for a while as well: an issuer that is down isn't asked once per request.
      attempt.catch(() => setTimeout(() => (found = null), RETRY_DISCOVERY_MS).unref());
    }
    return (await found)(header, token);
  };
}

async function discoverKeys(issuerUrl: string): Promise<string> {
  const address = `${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  const { issuer, jwks_uri: uri } = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (issuer !== issuerUrl || typeof uri !== 'string')
    throw new Error(`${address} is not the configuration of ${issuerUrl}`);
  return uri;
}
