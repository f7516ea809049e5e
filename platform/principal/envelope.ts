import { createHash } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import type { Principal } from './principal';

/** The header that carries the signed Principal from the gateway to a subgraph. Copies sent by clients are stripped. */
export const PRINCIPAL_HEADER = 'x-principal';

const LIFETIME_SECONDS = 30;
const ISSUER = 'gateway';

/** What a subgraph learns from the header: the caller and the id of the client's request. */
export interface Envelope {
  principal: Principal;
  requestId: string;
  /** Name of the client's operation: the planner's fetches have none of their own. For the disclosure record. */
  operation?: string | null;
}

const bodyHash = (body: string): string => createHash('sha256').update(body).digest('base64url');

/**
 * Signs the Principal for one subgraph and one body. The envelope is good for 30 seconds, at that audience, with that body.
 * @param key the secret shared with that subgraph alone
 */
export function sealPrincipal(envelope: Envelope, audience: string, body: string, key: Uint8Array): Promise<string> {
  return new SignJWT({
    p: envelope.principal,
    rid: envelope.requestId,
    op: envelope.operation ?? null,
    bh: bodyHash(body),
  } as never)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_SECONDS}s`)
    .sign(key);
}

/**
 * Verifies an envelope against audience, expiry and body. Throws on any doubt.
 * @param keys the current key first; a previous one while keys are exchanged
 */
export async function openPrincipal(
  token: string,
  audience: string,
  body: string,
  keys: Uint8Array[],
): Promise<Envelope> {
  let lastError: unknown = new Error('no principal key configured');
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        audience,
        issuer: ISSUER,
        maxTokenAge: LIFETIME_SECONDS,
      });
      if (payload.bh !== bodyHash(body)) throw new Error('the envelope was made for another body');
      const operation = typeof payload.op === 'string' ? payload.op : null;
      return { principal: payload.p as Principal, requestId: String(payload.rid), operation };
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}
