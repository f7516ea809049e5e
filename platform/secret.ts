import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * Passwords and client secrets are kept as `scrypt$N$r$p$salt$hash`: the cost figures in decimal, salt and hash in
 * base64url. The cost travels with the hash, so that it can be raised without touching what is stored.
 */
const COST = { N: 2 ** 15, r: 8, p: 1 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** 128 · N · r bytes is what scrypt needs; a stored hash that asks for more is refused, not obeyed. */
const MAX_MEMORY = 256 * 1024 * 1024;
const MAX_SECRET_LENGTH = 1_024;

interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

function derive(secret: string, salt: Buffer, { N, r, p }: ScryptCost, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(secret, salt, length, { N, r, p, maxmem: MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

/** The stored form of a password or client secret. `N` (a power of two) sets the cost; the default takes about 100 ms. */
export async function hashSecret(secret: string, { N = COST.N }: { N?: number } = {}): Promise<string> {
  if (secret.length === 0 || secret.length > MAX_SECRET_LENGTH)
    throw new Error(`A secret has 1 to ${MAX_SECRET_LENGTH} characters.`);
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(secret, salt, { ...COST, N }, KEY_BYTES);
  return ['scrypt', N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** True when the secret is the one that was hashed. False, never an error, for a stored text that isn't in our form. */
export async function verifySecret(secret: string, stored: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash, ...rest] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !hash || rest.length > 0 || secret.length > MAX_SECRET_LENGTH) return false;
  const expected = Buffer.from(hash, 'base64url');
  if (expected.length < KEY_BYTES) return false;
  try {
    const actual = await derive(
      secret,
      Buffer.from(salt, 'base64url'),
      { N: Number(N), r: Number(r), p: Number(p) },
      expected.length,
    );
    return timingSafeEqual(actual, expected);
  } catch {
    return false;
  }
}
