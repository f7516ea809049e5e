import type { Session } from './session';

/**
 * Takes `student_lock` of the students in ascending order, before any other read of the transaction. SQLite has a single
 * writer, which gives the same. A student without a row gets one.
 */
export async function lockStudents(session: Session, studentIds: readonly string[]): Promise<void> {
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
