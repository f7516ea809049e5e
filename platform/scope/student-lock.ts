import type { EntityManager } from 'typeorm';
import type { Database } from '../database/database';
import type { Session } from './session';

/** Whose transaction it is. */
type Locking = Pick<Session, 'engine' | 'manager'>;

/**
 * Takes `student_lock` of the students in ascending order, before any other read of the transaction. SQLite has a single
 * writer, which gives the same. A student without a row gets one.
 */
export async function lockStudents(session: Locking, studentIds: readonly string[]): Promise<void> {
  if (session.engine === 'sqlite') return;
  for (const studentId of [...new Set(studentIds)].sort()) {
    const rows = await session.manager.query('SELECT student_id FROM student_lock WHERE student_id = ? FOR UPDATE', [
      studentId,
    ]);
    if (rows.length === 0) {
      await session.manager.query('INSERT IGNORE INTO student_lock (student_id, sequence) VALUES (?, 0)', [studentId]);
      await session.manager.query('SELECT student_id FROM student_lock WHERE student_id = ? FOR UPDATE', [studentId]);
    }
  }
}

/**
 * Takes the locks of a whole chunk of students in ascending order: two statements where `lockStudents` needs one per
 * student. Without it a rebuild could write an older row over one that an event has just computed.
 */
export async function lockChunk(session: Locking, studentIds: readonly string[]): Promise<void> {
  if (session.engine === 'sqlite' || studentIds.length === 0) return;
  const list = studentIds.map(() => '?').join(', ');
  const locked = (await session.manager.query(
    `SELECT student_id FROM student_lock WHERE student_id IN (${list}) ORDER BY student_id FOR UPDATE`,
    [...studentIds],
  )) as { student_id: string }[];
  const known = new Set(locked.map((row) => row.student_id));
  const missing = studentIds.filter((id) => !known.has(id));
  if (missing.length === 0) return;
  await session.manager.query(
    `INSERT IGNORE INTO student_lock (student_id, sequence) VALUES ${missing.map(() => '(?, 0)').join(', ')}`,
    missing,
  );
}

const CHUNK = 500;

/** Students by id, what is done with each chunk of them, and who is told how many are done. */
interface Chunks {
  /** The ids that come next, in ascending order. */
  idsAfter: (manager: EntityManager, last: string, limit: number) => Promise<string[]>;
  work: (manager: EntityManager, studentIds: readonly string[]) => Promise<void>;
  onProgress?: (done: number) => void;
}

/**
 * Goes through students in chunks that commit one by one, each under its students' locks.
 * @returns how many there were
 */
export async function inLockedChunks(
  database: Pick<Database, 'engine' | 'write'>,
  { idsAfter, work, onProgress }: Chunks,
): Promise<number> {
  let done = 0;
  for (let last = ''; ;) {
    const ids = await database.write(async (manager) => {
      const chunk = await idsAfter(manager, last, CHUNK);
      if (chunk.length === 0) return chunk;
      await lockChunk({ engine: database.engine, manager }, chunk);
      await work(manager, chunk);
      return chunk;
    });
    done += ids.length;
    if (ids.length > 0) onProgress?.(done);
    if (ids.length < CHUNK) return done;
    last = ids.at(-1)!;
  }
}
