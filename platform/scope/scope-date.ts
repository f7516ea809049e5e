import { scopeMarker } from '../database/guard';
import { addDays, type CalendarDay } from '../dates';
import type { Session } from './session';
import { StudentAccess } from './tables';

/**
 * The day that dates a record for its readers: its own, but never one of a former owner. Whoever owned the student keeps
 * what was written in that time and sees nothing newer, so an amendment under an old meeting date is dated by its owner.
 * @param actedOn the day of the act. An event may be delivered when the owner who acted is a former one by then.
 */
export async function scopeDateOf(
  session: Session,
  studentId: string,
  day: CalendarDay,
  actedOn: CalendarDay = session.today,
): Promise<CalendarDay> {
  const last = await session.manager
    .createQueryBuilder(StudentAccess, 'access')
    .comment(scopeMarker(session.scope.marker))
    .where("access.studentId = :studentId AND access.relation = 'JURISDICTION' AND access.revokedAt IS NULL", {
      studentId,
    })
    .andWhere("(access.grantee LIKE 'LEA:%' OR access.grantee LIKE 'SELPA:%') AND access.validTo < :actedOn", {
      actedOn,
    })
    .orderBy('access.validTo', 'DESC')
    .limit(1)
    .getOne();
  return last?.validTo && last.validTo >= day ? addDays(last.validTo, 1) : day;
}
