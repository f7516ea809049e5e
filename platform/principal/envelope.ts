import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
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

const bodyHash = (body: string): string => hash('sha256', body, 'base64url');

const HEADER = Buffer.from('{"alg":"HS256"}').toString('base64url');

/** The beginning of a payload, in base64url. A Principal serves many calls. */
const beginnings = new WeakMap<Principal, string>();

function beginningWith(principal: Principal): string {
  let beginning = beginnings.get(principal);
  if (beginning === undefined) {
    const bytes = Buffer.from(`{"p":${JSON.stringify(principal)},`);
    // Three bytes are four characters: filled up with spaces, what follows is encoded by itself.
    const filled = Buffer.concat([bytes, Buffer.alloc((3 - (bytes.length % 3)) % 3, ' ')]);
    beginnings.set(principal, (beginning = filled.toString('base64url')));
  }
  return beginning;
}

/**
 * Signs the Principal for one subgraph and one body: a JWT (HS256). The envelope is good for 30 seconds, at that audience, with
 * that body. Written here and not by jose, whose signatures take a turn of the event loop and a thread each: it is made for
 * every call.
 *
 * @param key the secret shared with that subgraph alone
 */
export function sealPrincipal(
  { principal, requestId, operation = null }: Envelope,
  audience: string,
  body: string,
  key: Uint8Array,
): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { rid: requestId, op: operation, bh: bodyHash(body), iss: ISSUER, aud: audience };
  const times = `"iat":${iat},"exp":${iat + LIFETIME_SECONDS}`;
  const rest = Buffer.from(`${JSON.stringify(claims).slice(1, -1)},${times}}`).toString('base64url');
  const signed = `${HEADER}.${beginningWith(principal)}${rest}`;
  return `${signed}.${signatureOf(signed, key)}`;
}

const signatureOf = (signed: string, key: Uint8Array): string =>
  createHmac('sha256', secretOf(key)).update(signed).digest('base64url');

/** As OpenSSL takes it, made once. */
const secrets = new WeakMap<Uint8Array, KeyObject>();

function secretOf(key: Uint8Array): KeyObject {
  let secret = secrets.get(key);
  if (!secret) secrets.set(key, (secret = createSecretKey(key)));
  return secret;
}

/**
 * Verifies an envelope against audience, age and body. Throws on any doubt: what `sealPrincipal` did not write is refused, other
 * headers of the same key among them. In place, for the reason that it is sealed so.
 *
 * @param keys the current key first; a previous one while keys are exchanged
 */
export function openPrincipal(token: string, audience: string, body: string, keys: readonly Uint8Array[]): Envelope {
  const end = token.lastIndexOf('.');
  const signed = token.slice(0, end);
  if (!token.startsWith(`${HEADER}.`) || !isSigned(signed, token.slice(end + 1), keys))
    throw new Error('the envelope is not signed with a key of ours');
  const claims = JSON.parse(Buffer.from(signed.slice(HEADER.length + 1), 'base64url').toString()) as Claims;
  if (claims.aud !== audience) throw new Error('the envelope was made for another audience');
  if (claims.iss !== ISSUER) throw new Error('the envelope was made by another issuer');
  const now = Math.floor(Date.now() / 1000);
  // As numbers: a claim that is none compares with nothing.
  const isInTime = claims.iat <= now && now - claims.iat <= LIFETIME_SECONDS && now < claims.exp;
  if (!isInTime) throw new Error('the envelope is of another time');
  if (claims.bh !== bodyHash(body)) throw new Error('the envelope was made for another body');
  return { principal: claims.p, requestId: claims.rid, operation: claims.op };
}

/** What `sealPrincipal` writes. */
interface Claims {
  p: Principal;
  rid: string;
  op: string | null;
  bh: string;
  iss: string;
  aud: string;
  iat: number;
  exp: number;
}

function isSigned(signed: string, signature: string, keys: readonly Uint8Array[]): boolean {
  const given = Buffer.from(signature);
  return keys.some((key) => {
    const expected = Buffer.from(signatureOf(signed, key));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
