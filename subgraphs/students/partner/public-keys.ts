import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { reject } from '../../../platform/errors';

/** A public key as a JWK: `kty` with its public members, and `kid`. What the issuer verifies assertions with (RFC 7523). */
export type PublicKey = JWK & { kid: string };

const MAX_TEXT = 10_000;
const MAX_KEYS = 4;
const MAX_KID = 200;
/** Whatever makes a key private or shared: RFC 7518, 6.2.2, 6.3.2, 6.4. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
/** What the keys of each kind may sign with; the issuer accepts no other algorithm. */
const ALGORITHMS: Record<string, readonly string[]> = {
  ec: ['ES256'],
  rsa: ['RS256', 'PS256'],
  ed25519: ['EdDSA', 'Ed25519'],
};

const refuse = (message: string) => reject('BAD_USER_INPUT', message, ['publicKey']);

/**
 * The public keys in a text: one in PEM, a JWK, or a set of JWKs as JSON.
 * @throws Rejection for anything else, and for a private key: whoever sends one has given it away
 */
export async function readPublicKeys(text: string): Promise<PublicKey[]> {
  const trimmed = text.trim();
  if (trimmed.length > MAX_TEXT) throw refuse(`At most ${MAX_TEXT} characters are read.`);
  const keys = trimmed.startsWith('{') ? await fromJson(trimmed) : [await fromPem(trimmed)];
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw refuse('Two keys have the same kid.');
  return keys;
}

/** True when the two are the same key, whatever they are called. */
export const isSameKey = (a: PublicKey, b: PublicKey): boolean =>
  a.kty === b.kty && (a.n ?? a.x) === (b.n ?? b.x) && a.y === b.y;

async function fromPem(text: string): Promise<PublicKey> {
  if (/PRIVATE KEY/i.test(text)) throw privateKey();
  if (!/^-----BEGIN (?:RSA )?PUBLIC KEY-----[\sA-Za-z0-9+/=]+-----END (?:RSA )?PUBLIC KEY-----$/.test(text))
    throw refuse('Needed: one public key in PEM (BEGIN PUBLIC KEY), a JWK, or a set of JWKs as JSON.');
  return publicKey(() => createPublicKey(text));
}

async function fromJson(text: string): Promise<PublicKey[]> {
  const given = parsed(text) as Record<string, unknown>;
  const keys = 'keys' in given ? given.keys : [given];
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS)
    throw refuse(`A set of JWKs has 1 to ${MAX_KEYS} keys.`);
  // Before anything is made of any of them.
  if (keys.some((key) => PRIVATE_MEMBERS.some((member) => Object.hasOwn(Object(key), member)))) throw privateKey();
  return Promise.all(keys.map((key) => publicKey(() => createPublicKey({ key, format: 'jwk' }), Object(key))));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('This is no JSON.');
  }
}

async function publicKey(read: () => KeyObject, { kid, alg, use }: JsonWebKey = {}): Promise<PublicKey> {
  const key = readable(read);
  const algorithms = algorithmsOf(key);
  if (use !== undefined && use !== 'sig') throw refuse('The key is not one for signatures (use: sig).');
  if (alg !== undefined && !algorithms.includes(String(alg)))
    throw refuse(`A key of this kind signs with ${algorithms.join(' or ')}.`);
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID))
    throw refuse(`A kid has 1 to ${MAX_KID} characters.`);
  const members = key.export({ format: 'jwk' }) as JWK;
  return {
    ...members,
    ...(typeof alg === 'string' && { alg }),
    kid: typeof kid === 'string' ? kid : await calculateJwkThumbprint(members),
  };
}

function readable(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    throw refuse('The key can’t be read.');
  }
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): readonly string[] {
  const algorithms = ALGORITHMS[asymmetricKeyType ?? ''];
  const isStrong =
    asymmetricKeyType === 'rsa'
      ? (details?.modulusLength ?? 0) >= 2048 && (details?.publicExponent ?? 0n) >= 65_537n
      : asymmetricKeyType !== 'ec' || details?.namedCurve === 'prime256v1';
  if (!algorithms || !isStrong)
    throw refuse('Needed: an EC key on P-256, an Ed25519 key, or RSA of 2048 bits or more.');
  return algorithms;
}

const privateKey = () =>
  refuse('This is a private key. Keep it to yourself; as you have sent it, make a new pair, and send its public half.');
