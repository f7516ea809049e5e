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
