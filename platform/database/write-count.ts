import { randomInt } from 'node:crypto';
import { Entity, type EntityManager, PrimaryColumn } from 'typeorm';
import { IntColumn } from './columns';
import { createTable, int } from './migration';

/** Several rows, so that transactions rarely wait for each other's end. */
const PARTS = 16;

/**
 * How many write transactions of the product were committed, over all processes. Each counts itself in one of the rows: a copy of
 * the database that has counted as far in every row holds whatever the others had written.
 */
@Entity('write_count')
export class WriteCount {
  @PrimaryColumn({ type: 'integer' }) part: number;
  @IntColumn() writes: number;
}

export const writeCountTables = [WriteCount];
export const writeCountMigrations = [
  createTable(1770300000001, 'write_count', {
    columns: { part: { ...int(), isPrimary: true }, writes: int() },
  }),
];

/** The last statement of a write transaction on MySQL or MariaDB: whoever holds this lock waits for no other one. */
export async function countWrite(manager: EntityManager): Promise<void> {
  const sql = 'INSERT INTO write_count (part, writes) VALUES (?, 1) ON DUPLICATE KEY UPDATE writes = writes + 1';
  await manager.query(sql, [randomInt(PARTS)]);
}

export type WriteCounts = readonly Pick<WriteCount, 'part' | 'writes'>[];

export const READ_WRITE_COUNTS = 'SELECT part, writes FROM write_count';

/** True when whoever has counted `held` holds every write that `needed` counts; of servers with one history. */
export function covers(held: WriteCounts, needed: WriteCounts): boolean {
  const writes = new Map(held.map((row) => [row.part, row.writes]));
  return needed.every((row) => row.part >= PARTS || (writes.get(row.part) ?? 0) >= row.writes);
}

/** Rows behind the counts, each with a number that one process has drawn. */
const MARKS = 1_000;

/** A row that one process has left at the primary: only a server with that history has it, and what was written before it. */
export type Mark = WriteCounts[number];

export async function leaveMark(primary: Pick<EntityManager, 'query'>): Promise<Mark> {
  const mark = { part: randomInt(PARTS, PARTS + MARKS), writes: randomInt(2 ** 31) };
  const sql = 'INSERT INTO write_count (part, writes) VALUES (?, ?) ON DUPLICATE KEY UPDATE writes = VALUES(writes)';
  await primary.query(sql, [mark.part, mark.writes]);
  return mark;
}

export const holdsMark = (counts: WriteCounts, { part, writes }: Mark): boolean =>
  counts.some((row) => row.part === part && row.writes === writes);
