import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { notFound } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { StudentAccess } from '../../../platform/scope/tables';

/**
 * Limits a scoped query to students that are the caller's today. A former district keeps reading the records of its own
 * period (architecture, section 4), and edits none of them (domain C.3).
 */
function onlyOpen<E extends ObjectLiteral>(
  session: Session,
  query: SelectQueryBuilder<E>,
  studentColumn: string,
): SelectQueryBuilder<E> {
  const { sql, parameters } = session.scope.predicate({ student: studentColumn });
  return query.andWhere(`(${sql})`, parameters);
}

/** @throws NOT_FOUND when the student is not the caller's today, or does not exist */
export async function assertStudentInScope(session: Session, studentId: string): Promise<void> {
  if (session.scope.marker !== 'principal') return;
  const query = session.manager
    .createQueryBuilder(StudentAccess, 'access')
    .comment(scopeMarker(session.scope.marker))
    .where('access.studentId = :studentId', { studentId });
  const row = await onlyOpen(session, query, 'access.student_id').limit(1).getOne();
  if (!row) throw notFound('The student');
}
