/** The signed list of operations that a gateway answers: which texts, by their SHA-256, vouched for by a key (Ed25519). */
import { createHash } from 'node:crypto';
import { exportJWK, flattenedVerify, FlattenedSign, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';

const ALGORITHM = 'EdDSA';
/** Told apart from whatever else the key may sign. */
const TYPE = 'iep-graph-operations+jws';

/** Texts by the hexadecimal SHA-256 of their bytes. */
export type Operations = ReadonlyMap<string, string>;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A new pair: the private key as a JWK for a file of its own, the public one as `OPERATIONS_KEY` takes it. */
export async function makeSigningKey(): Promise<{ privateKey: JWK; publicKey: string }> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const privateKey = await exportJWK(pair.privateKey);
  return { privateKey, publicKey: privateKey.x! };
}

/** The file of a manifest. @param texts operations as clients send them, byte for byte */
export async function signManifest(texts: readonly string[], privateKey: JWK): Promise<string> {
  const operations = Object.fromEntries([...new Set(texts)].map((text) => [hashOf(text), text]));
  const jws = await new FlattenedSign(new TextEncoder().encode(JSON.stringify({ operations })))
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .sign(await importJWK(privateKey, ALGORITHM));
  return `${JSON.stringify(jws, null, 2)}\n`;
}

const fileShape = z.object({ payload: z.string(), protected: z.string(), signature: z.string() });
const payloadShape = z.object({ operations: z.record(z.string(), z.string()) });

/**
 * Reads a manifest.
 *
 * @param publicKeys of those who may sign, each as base64url of its 32 bytes; two while keys are exchanged
 * @throws Error when it isn't signed by one of them, or holds a text under another text's hash
 */
export async function openManifest(file: string, publicKeys: readonly string[]): Promise<Operations> {
  const payload = await verified(file, publicKeys);
  const operations = new Map(Object.entries(payloadShape.parse(JSON.parse(payload)).operations));
  for (const [hash, text] of operations)
    if (hashOf(text) !== hash) throw new Error(`The manifest holds another text under ${hash}.`);
  return operations;
}

async function verified(file: string, publicKeys: readonly string[]): Promise<string> {
  let jws: z.infer<typeof fileShape>;
  try {
    jws = fileShape.parse(JSON.parse(file));
  } catch {
    throw new Error('This is not a manifest of operations: npm run -s operations -- sign makes one.');
  }
  for (const x of publicKeys) {
    try {
      const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x }, ALGORITHM);
      const { payload, protectedHeader } = await flattenedVerify(jws, key, { algorithms: [ALGORITHM] });
      if (protectedHeader?.typ === TYPE) return new TextDecoder().decode(payload);
    } catch {
      // Not this one's signature: the next key's, or nobody's.
    }
  }
  throw new Error('The manifest of operations is not signed by a key of OPERATIONS_KEY.');
}
