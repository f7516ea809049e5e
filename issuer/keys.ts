import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import { In } from 'typeorm';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database/database';
import { databaseFault } from '../platform/errors';
import { newId } from '../platform/ids';
import { LIFETIME, WORKING_DAY } from './lifetimes';
import { type KeyKind, OidcKey } from './tables';

export const SIGNING_ALGORITHM = 'ES256';

const MINUTE_MS = 60_000;
/** How often a running issuer looks for other keys. */
export const LOOK_EVERY_MS = MINUTE_MS;
/**
 * For so long a key is published before it signs. By then every issuer has looked, and every gateway has fetched the keys
 * anew: those that it has are good for ten minutes.
 */
export const PUBLISHED_AHEAD_MS = 15 * MINUTE_MS;
/** For so long the one before it still verifies: what it signed last lives so long, and a few minutes more. */
const KEPT_AFTER_MS: Record<KeyKind, number> = {
  signing: LIFETIME.staffToken * 1_000 + 5 * MINUTE_MS,
  cookie: WORKING_DAY * 1_000 + 5 * MINUTE_MS,
};

/** The first one signs, all of them verify. */
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
  let rows = await newestFirst(kind, database);
  if (rows.length === 0) {
    await makeFirst(kind, database, clock);
    rows = await newestFirst(kind, database);
  }
  const signer = signerOf(rows, clock);
  return [signer, ...rows.filter((row) => row !== signer)].map(({ content }) => content);
}

const newestFirst = (kind: KeyKind, database: Database): Promise<OidcKey[]> =>
  database.read.find(OidcKey, { where: { kind }, order: { createdAt: 'DESC', id: 'DESC' } });

/** The newest that has been published long enough; the oldest when none has. */
const signerOf = (rows: readonly OidcKey[], clock: Clock): OidcKey =>
  rows.find((row) => signsFrom(row) <= clock.now().getTime()) ?? rows.at(-1)!;
const signsFrom = ({ createdAt }: OidcKey): number => createdAt.getTime() + PUBLISHED_AHEAD_MS;

/** A key as an operator sees it: never its content. */
export interface KeyState {
  id: string;
  kind: KeyKind;
  createdAt: Date;
  state: 'signs' | 'signs from' | 'verifies until';
  /** Of the last two states: when. A key that verifies can be retired from then on. */
  at: Date | null;
}

/** All keys, the newest of each kind first. */
export async function keyStates(database: Database, clock: Clock): Promise<KeyState[]> {
  const states = KINDS.map(async (kind) => {
    const rows = await newestFirst(kind, database);
    const signer = rows.length > 0 ? rows.indexOf(signerOf(rows, clock)) : 0;
    return rows.map((row, at): KeyState => {
      const { id, createdAt } = row;
      if (at === signer) return { id, kind, createdAt, state: 'signs', at: null };
      if (at < signer) return { id, kind, createdAt, state: 'signs from', at: new Date(signsFrom(row)) };
      const until = new Date(signsFrom(rows[signer]!) + KEPT_AFTER_MS[kind]);
      return { id, kind, createdAt, state: 'verifies until', at: until };
    });
  });
  return (await Promise.all(states)).flat();
}

/**
 * Makes a new key of each kind. Running issuers publish it within a minute, and sign with it a quarter of an hour later.
 * As owner of the schema: the issuer's own user may make the first keys, and removes none.
 */
export async function rotateKeys(database: Database, clock: Clock): Promise<void> {
  for (const kind of KINDS) await insertKey(newId(), kind, database, clock);
}

/**
 * Removes the keys whose time is over; with `atOnce` all but the newest, which then signs: what they signed is no longer good.
 *
 * @returns ids of the removed ones
 */
export async function retireKeys(database: Database, clock: Clock, atOnce = false): Promise<string[]> {
  const states = await keyStates(database, clock);
  const isNewest = ({ id, kind }: KeyState): boolean => states.find((one) => one.kind === kind)?.id === id;
  const over = states.filter((key) =>
    atOnce ? !isNewest(key) : key.state === 'verifies until' && key.at! <= clock.now(),
  );
  const ids = over.map(({ id }) => id);
  if (ids.length > 0) await database.write((manager) => manager.delete(OidcKey, { id: In(ids) }));
  return ids;
}

const KINDS: readonly KeyKind[] = ['signing', 'cookie'];

/** Two processes that start at once agree on one first key, because its id is fixed: the second insert fails. */
async function makeFirst(kind: KeyKind, database: Database, clock: Clock): Promise<void> {
  try {
    await insertKey(`${kind}-1`, kind, database, clock);
  } catch (error) {
    if (databaseFault(error) !== 'unique') throw error;
  }
}

async function insertKey(id: string, kind: KeyKind, database: Database, clock: Clock): Promise<void> {
  const content = await makeContent[kind]();
  await database.write((manager) =>
    manager.insert(OidcKey, { id, kind, content: content as never, createdAt: clock.now() }),
  );
}
