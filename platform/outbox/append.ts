import { newId } from '../ids';
import type { Session } from '../scope/session';
import type { EventType } from './event';
import { OutboxDelivery, OutboxEvent } from './tables';

/** Inserts an event with one delivery per consumer, under the student's next sequence number. Inside a write transaction. */
export async function appendEvent<P extends object>(
  session: Session,
  event: EventType<P>,
  studentId: string,
  payload: P,
): Promise<void> {
  const sequence = await nextSequence(session, studentId);
  const eventId = newId();
  const now = session.now;
  await session.manager.insert(OutboxEvent, {
    id: eventId,
    studentId,
    sequence,
    type: event.type,
    payload: payload as never,
    createdAt: now,
  });
  if (event.consumers.length === 0) return;
  await session.manager.insert(
    OutboxDelivery,
    event.consumers.map((consumer) => ({
      id: newId(),
      eventId,
      consumer,
      studentId,
      sequence,
      state: 'OPEN' as const,
      attempts: 0,
      notBefore: now,
      lastError: null,
    })),
  );
}

/** Counts up under the row lock of `student_lock`: two transactions never get the same number. */
async function nextSequence(session: Session, studentId: string): Promise<number> {
  const sql =
    session.engine === 'sqlite'
      ? 'INSERT INTO student_lock (student_id, sequence) VALUES (?, 1) ON CONFLICT (student_id) DO UPDATE SET sequence = sequence + 1'
      : 'INSERT INTO student_lock (student_id, sequence) VALUES (?, 1) ON DUPLICATE KEY UPDATE sequence = sequence + 1';
  await session.manager.query(sql, [studentId]);
  const [row] = await session.manager.query('SELECT sequence FROM student_lock WHERE student_id = ?', [studentId]);
  return Number(row.sequence);
}
