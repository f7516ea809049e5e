import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { textCache } from '../text-cache';
import type { Principal } from './principal';

/** The header that carries the signed Principal from the gateway to a subgraph. Copies sent by clients are stripped. */
export const PRINCIPAL_HEADER = 'x-principal';

const LIFETIME_SECONDS = 30;
/** By so much may the clock of a subgraph be behind the gateway's. */
const SKEW_SECONDS = 5;
const ISSUER = 'gateway';
/** Of credentials, by key, on either side: those of who asked last, and so many characters of them. */
const REMEMBERED = { max: 2_000, maxSize: 8 * 1024 * 1024 };

/** What a subgraph learns from the header: the caller and the id of the client's request. */
export interface Envelope {
  principal: Principal;
  /** Letters, digits, `.`, `_`, `-`. */
  requestId: string;
  /** Name of the client's operation: the planner's fetches have none of their own. For the disclosure record. */
  operation?: string | null;
}

/** What a credential says: it is made once of a Principal, which serves many calls, and good for nothing but with a call. */
interface Claims {
  p: Principal;
  iss: string;
  aud: string;
}

const HEADER = Buffer.from('{"alg":"HS256"}').toString('base64url');

/**
 * Signs the Principal for one subgraph and one body. Five parts, with commas between them: the credential, a JWT (HS256) of the
 * Principal and the audience; when the call was made, in seconds; id and operation of the client's request; and the HMAC (SHA-256,
 * base64url) of all of it with the body. Good for 30 seconds, at that audience, with that body. Written here and not by jose, whose
 * signatures take a turn of the event loop and a thread each: it is made for every call.
 *
 * @param key the secret shared with that subgraph alone
 */
export function sealPrincipal(
  { principal, requestId, operation }: Envelope,
  audience: string,
  body: string,
  key: Uint8Array,
): string {
  const call = `${Math.floor(Date.now() / 1000)},${requestId},${operation ?? ''}`;
  if (!/^\d+,[\w.-]+,\w*$/.test(call))
    throw new Error('the request has an id or a name that an envelope does not hold');
  const credential = credentialOf(principal, audience, key);
  return `${credential},${call},${signatureOf(callText(credential, call, body), key)}`;
}

/** What of a call is signed. The credential's own signature stands for it: it fixes every part of it. */
const callText = (credential: string, call: string, body: string): string =>
  `${credential.slice(credential.lastIndexOf('.') + 1)},${call},${body}`;

interface Credential {
  audience: string;
  text: string;
}

const made = new WeakMap<Uint8Array, LRUCache<Principal, Credential>>();

function credentialOf(principal: Principal, audience: string, key: Uint8Array): string {
  const sizeCalculation = ({ text }: Credential): number => text.length;
  const known = kept(made, key, () => new LRUCache<Principal, Credential>({ ...REMEMBERED, sizeCalculation }));
  let credential = known.get(principal);
  if (credential?.audience !== audience) {
    credential = { audience, text: makeCredential({ p: principal, iss: ISSUER, aud: audience }, key) };
    known.set(principal, credential);
  }
  return credential.text;
}

function makeCredential(claims: Claims, key: Uint8Array): string {
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${signatureOf(signed, key)}`;
}

/** As OpenSSL takes it, made once. */
const secrets = new WeakMap<Uint8Array, KeyObject>();

const signatureOf = (text: string, key: Uint8Array): string =>
  createHmac(
    'sha256',
    kept(secrets, key, () => createSecretKey(key)),
  )
    .update(text)
    .digest('base64url');

function kept<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make()));
  return value;
}

/**
 * Verifies an envelope against audience, age and body. Throws on any doubt: what `sealPrincipal` did not write is refused, other
 * headers of the same key among them. In place, for the reason that it is sealed so.
 *
 * @param keys the current key first; a previous one while keys are exchanged
 * @returns the same Principal for the same credential: nobody can change it
 */
export function openPrincipal(sealed: string, audience: string, body: string, keys: readonly Uint8Array[]): Envelope {
  const [credential = '', at = '', requestId = '', operation = '', signature = '', ...more] = sealed.split(',');
  // The credential first: who has none costs no look at the body, which may be long.
  const [claims, key] = trusted(credential, keys) ?? [];
  const call = `${at},${requestId},${operation}`;
  if (!claims || !key || more.length > 0 || !isSigned(callText(credential, call, body), signature, key))
    throw new Error('the envelope is not signed with a key of ours');
  if (claims.aud !== audience) throw new Error('the envelope was made for another audience');
  if (claims.iss !== ISSUER) throw new Error('the envelope was made by another issuer');
  const age = Math.floor(Date.now() / 1000) - Number(at);
  if (!(age >= -SKEW_SECONDS && age < LIFETIME_SECONDS)) throw new Error('the envelope is of another time');
  return { principal: claims.p, requestId, operation: operation || null };
}

/** What a credential says, and the key that says it; nothing when it is none of these. */
function trusted(credential: string, keys: readonly Uint8Array[]): [Claims, Uint8Array] | undefined {
  for (const key of keys) {
    const claims = claimsOf(credential, key);
    if (claims) return [claims, key];
  }
  return undefined;
}

const opened = new WeakMap<Uint8Array, LRUCache<string, Claims>>();

/** Those of a credential that this key has signed. A Principal that was seen before is not read anew. */
function claimsOf(credential: string, key: Uint8Array): Claims | undefined {
  const known = kept(opened, key, () => textCache<Claims>(REMEMBERED.max, REMEMBERED.maxSize));
  let claims = known.get(credential);
  if (claims === undefined) {
    const end = credential.lastIndexOf('.');
    const signed = credential.slice(0, end);
    if (!signed.startsWith(`${HEADER}.`) || !isSigned(signed, credential.slice(end + 1), key)) return undefined;
    claims = JSON.parse(Buffer.from(signed.slice(HEADER.length + 1), 'base64url').toString(), frozen) as Claims;
    known.set(credential, claims);
  }
  return claims;
}

/** Of many requests: what one of them changed in it would be the others' right. */
const frozen = (_: string, value: unknown): unknown => Object.freeze(value);

function isSigned(text: string, signature: string, key: Uint8Array): boolean {
  const given = Buffer.from(signature);
  const expected = Buffer.from(signatureOf(text, key));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
