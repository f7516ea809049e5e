import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';

/** A public Ed25519 key as a JSON Web Key (RFC 8037). */
export interface PublicKey {
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
}

/** What checkpoints are signed with. */
export interface SigningKey {
  id: string;
  publicKey: PublicKey;
  sign(text: string): string;
}

/** The begin of every PKCS #8 Ed25519 private key; the 32 secret bytes follow. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The signing key that belongs to a secret (`AUDIT_KEY`): the same in every process that has it. */
export function signingKey(secret: string): SigningKey {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'iep-graph audit checkpoint', 32));
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = publicPart(createPublicKey(key));
  return {
    id: keyId(publicKey),
    publicKey,
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  };
}

/** RFC 7638 thumbprint. */
export function keyId({ crv, kty, x }: PublicKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

/**
 * Public keys from a file: a JSON Web Key, a set of them, or PEM.
 * @throws Error when it holds no Ed25519 key
 */
export function readPublicKeys(text: string): PublicKey[] {
  const keys = text.trimStart().startsWith('{') ? fromJson(text) : fromPem(text);
  if (keys.length === 0) throw new Error('There is no public Ed25519 key in the file: give a JWK, a JWKS or PEM.');
  return keys;
}

function fromJson(text: string): PublicKey[] {
  const parsed = JSON.parse(text) as { keys?: Partial<PublicKey>[] } & Partial<PublicKey>;
  return (parsed.keys ?? [parsed])
    .filter((key): key is PublicKey => key.kty === 'OKP' && key.crv === 'Ed25519' && typeof key.x === 'string')
    .map(({ kty, crv, x }) => ({ kty, crv, x }));
}

function fromPem(text: string): PublicKey[] {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g) ?? [];
  return blocks
    .map((block) => createPublicKey(block))
    .filter((key) => key.asymmetricKeyType === 'ed25519')
    .map(publicPart);
}

function publicPart(key: KeyObject): PublicKey {
  const { x } = key.export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x: x! };
}

const known = new Map<string, KeyObject>();

/** True when the signature was made over this text with the private half of the key. */
export function isSignedBy(key: PublicKey, text: string, signature: string): boolean {
  try {
    let object = known.get(key.x);
    if (!object) known.set(key.x, (object = createPublicKey({ key: { ...key }, format: 'jwk' })));
    return verify(null, Buffer.from(text), object, Buffer.from(signature, 'base64url'));
  } catch {
    return false; // It was no key.
  }
}
