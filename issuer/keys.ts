import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database/database';
import { databaseFault } from '../platform/errors';
import { type KeyKind, OidcKey } from './tables';

export const SIGNING_ALGORITHM = 'ES256';

/** Newest first: the first one signs, the others still verify what they signed. */
export interface IssuerKeys {
  signing: JWK[];
  cookie: string[];
}

const makeContent: Record<KeyKind, () => Promise<Record<string, unknown>>> = {
  async signing() {
    const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
    const jwk = await exportJWK(privateKey);
    return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: SIGNING_ALGORITHM, use: 'sig' };
  },
  cookie: async () => ({ secret: randomBytes(32).toString('base64url') }),
};

/** The keys of this installation; makes the first of each kind when there is none. */
export async function loadKeys(database: Database, clock: Clock): Promise<IssuerKeys> {
  return {
    signing: (await keysOf('signing', database, clock)) as JWK[],
    cookie: (await keysOf('cookie', database, clock)).map(({ secret }) => String(secret)),
  };
}

async function keysOf(kind: KeyKind, database: Database, clock: Clock): Promise<Record<string, unknown>[]> {
  const read = () => database.read.find(OidcKey, { where: { kind }, order: { createdAt: 'DESC', id: 'DESC' } });
  let rows = await read();
  if (rows.length === 0) {
    await makeFirst(kind, database, clock);
    rows = await read();
  }
  return rows.map(({ content }) => content);
}

/** Two processes that start at once agree on one first key, because its id is fixed: the second insert fails. */
async function makeFirst(kind: KeyKind, database: Database, clock: Clock): Promise<void> {
  const content = await makeContent[kind]();
  try {
    await database.write((manager) =>
      manager.insert(OidcKey, { id: `${kind}-1`, kind, content: content as never, createdAt: clock.now() }),
    );
  } catch (error) {
    if (databaseFault(error) !== 'unique') throw error;
  }
}
