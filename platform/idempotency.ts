import { createHash } from 'node:crypto';
import { Entity, type EntityManager, In, Index, LessThan, PrimaryColumn } from 'typeorm';
import { InstantColumn, JsonColumn, StringColumn } from './database/columns';
import { createTable, instant, json, string } from './database/migration';
import { conflict, databaseFault, type RuleError } from './errors';
import type { Database } from './database/database';
import type { Session } from './scope/session';
import { SeenRequest } from './scope/tables';

/** What a write did: the ids of what it made or changed, and the rules that spoke. Never the data: that is read anew through the scope. */
export interface Outcome {
  ids: Record<string, string>;
  errors: RuleError[];
}

/** Outcomes of mutations by their idempotency key, held for 24 hours. */
@Entity('idempotency')
@Index('idempotency_by_time', ['createdAt'])
export class Idempotency {
  @PrimaryColumn({ type: 'varchar', length: 64 }) keyHash: string;
  @StringColumn(64) inputHash: string;
  @JsonColumn() outcome: Outcome;
  @InstantColumn() createdAt: Date;
}

export const idempotencyTables = [Idempotency];
export const idempotencyMigrations = [
  createTable(1764000000301, 'idempotency', {
    columns: {
      key_hash: { ...string(64), isPrimary: true },
      input_hash: string(64),
      outcome: json(),
      created_at: instant(),
    },
    indexes: { idempotency_by_time: ['created_at'] },
  }),
];

const HELD_MS = 24 * 3600 * 1000;
const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/**
 * Runs a write once per (subject, perspective, mutation, key). A repetition with the same input gets the stored outcome;
 * with another input it is a CONFLICT. Inside the write's own transaction.
 *
 * The key is taken before the work: a repetition that comes while the first is still at work waits for it, instead of
 * doing the act a second time or being told by a rule that it is done.
 */
export async function once(
  session: Session,
  mutation: string,
  key: string,
  input: unknown,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const keyHash = sha256([session.principal.subject, session.principal.perspective, mutation, key]);
  const inputHash = sha256(input);
  await session.manager.delete(Idempotency, { createdAt: LessThan(new Date(session.now.getTime() - HELD_MS)) });
  const known = (await find(session, keyHash)) ?? (await taken(session, keyHash, inputHash));
  if (known) {
    if (known.inputHash !== inputHash) throw conflict('This idempotency key was used for another input.');
    return known.outcome;
  }
  const outcome = await work();
  await session.manager.update(Idempotency, { keyHash }, { outcome: outcome as never });
  return outcome;
}

const find = (session: Session, keyHash: string): Promise<Idempotency | null> =>
  session.manager.findOneBy(Idempotency, { keyHash });

/** Takes the key for this transaction; when another one had it and has committed, what that one did. */
async function taken(session: Session, keyHash: string, inputHash: string): Promise<Idempotency | null> {
  const outcome: Outcome = { ids: {}, errors: [] };
  try {
    await session.manager.insert(Idempotency, {
      keyHash,
      inputHash,
      outcome: outcome as never,
      createdAt: session.now,
    });
    return null;
  } catch (error) {
    if (databaseFault(error) !== 'unique') throw error;
    return find(session, keyHash);
  }
}

const AT_ONCE = 1_000;

/**
 * Removes what only the last 24 hours need: outcomes of idempotency keys, and the ids of accepted mutations, whose signed
 * Principals are good for seconds. A few at a time, for writers wait meanwhile.
 *
 * @returns how many rows
 */
export async function forgetRequests(database: Database, now: Date, stopped: () => boolean): Promise<number> {
  const before = LessThan(new Date(now.getTime() - HELD_MS));
  let forgotten = 0;
  const remove = async (chunk: (manager: EntityManager) => Promise<number>): Promise<void> => {
    for (let removed = AT_ONCE; removed === AT_ONCE && !stopped(); forgotten += removed)
      removed = await database.write(chunk);
  };
  await remove(async (manager) => {
    const rows = await manager.find(SeenRequest, {
      where: { seenAt: before },
      select: { requestId: true },
      take: AT_ONCE,
    });
    if (rows.length > 0) await manager.delete(SeenRequest, { requestId: In(rows.map(({ requestId }) => requestId)) });
    return rows.length;
  });
  await remove(async (manager) => {
    const rows = await manager.find(Idempotency, {
      where: { createdAt: before },
      select: { keyHash: true },
      take: AT_ONCE,
    });
    if (rows.length > 0) await manager.delete(Idempotency, { keyHash: In(rows.map(({ keyHash }) => keyHash)) });
    return rows.length;
  });
  return forgotten;
}
