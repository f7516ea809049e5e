import { scopeComment } from '../../../platform/database/guard';
import type { CalendarDay } from '../../../platform/dates';
import type { Session } from '../../../platform/scope/session';

/**
 * What the iep and services subgraphs publish and a guard of this subgraph needs. Read inside the guarded transaction,
 * after the student's lock (architecture, section 5).
 */
export class PublishedFactsRepository {
  constructor(private readonly session: Session) {}

  /**
   * LEAs that have open services of a student: active and not past their end, or terminated with a last day still to come.
   * @param today the day that "open" is judged by
   */
  async leasWithOpenServices(
    studentIds: readonly string[],
    today: CalendarDay,
  ): Promise<{ studentId: string; leaId: string }[]> {
    if (studentIds.length === 0) return [];
    const marks = studentIds.map(() => '?').join(', ');
    const rows: { student_id: string; lea_id: string }[] = await this.query(
      `SELECT DISTINCT student_id, lea_id FROM pub_service WHERE student_id IN (${marks}) AND` +
        " ((state = 'ACTIVE' AND (end_date IS NULL OR end_date >= ?)) OR (state = 'TERMINATED' AND end_date > ?))",
      [...studentIds, today, today],
    );
    return rows.map((row) => ({ studentId: row.student_id, leaId: row.lea_id }));
  }

  /** The last day of service, or null. */
  async lastServiceDay(studentId: string): Promise<CalendarDay | null> {
    const [row] = await this.query(
      "SELECT MAX(end_date) AS last_day FROM pub_service WHERE student_id = ? AND state = 'TERMINATED' AND end_date >= start_date",
      [studentId],
    );
    return row?.last_day ?? null;
  }

  /**
   * The last day of a meeting that was held, an evaluation that was begun or completed, progress on a goal, a change inside
   * a red window, or a service that began; null when there is none. Discarded drafts and services that never ran don't count.
   */
  async lastRecordedDay(studentId: string): Promise<CalendarDay | null> {
    const [row] = await this.query<{ last_day: CalendarDay | null }>(
      'SELECT MAX(day) AS last_day FROM (SELECT MAX(held_on) AS day FROM pub_iep WHERE student_id = ?' +
        " AND state <> 'DISCARDED'" +
        ' UNION ALL SELECT MAX(completed_on) FROM pub_evaluation WHERE student_id = ?' +
        ' UNION ALL SELECT MAX(scope_date) FROM pub_evaluation WHERE student_id = ?' +
        ' UNION ALL SELECT MAX(recorded_of) FROM pub_goal_progress WHERE student_id = ?' +
        ' UNION ALL SELECT MAX(recorded_of) FROM pub_red_window_override WHERE student_id = ?' +
        " UNION ALL SELECT MAX(start_date) FROM pub_service WHERE student_id = ? AND state <> 'PROPOSED'" +
        ' AND (end_date IS NULL OR end_date >= start_date)) d',
      new Array<string>(6).fill(studentId),
    );
    return row?.last_day ?? null;
  }

  /** True when an evaluation is completed or an IEP affirmed: the initial evaluation has been (SER-61). */
  async hasEvaluation(studentId: string): Promise<boolean> {
    const completed = await this.query(
      'SELECT id FROM pub_evaluation WHERE student_id = ? AND completed_on IS NOT NULL LIMIT 1',
      [studentId],
    );
    if (completed.length > 0) return true;
    return (
      (await this.query('SELECT id FROM pub_iep WHERE student_id = ? AND affirmed_on IS NOT NULL LIMIT 1', [studentId]))
        .length > 0
    );
  }

  /** True when the student has an affirmed IEP in force. */
  async hasCurrentIep(studentId: string): Promise<boolean> {
    return (
      (await this.query("SELECT id FROM pub_iep WHERE student_id = ? AND state = 'CURRENT' LIMIT 1", [studentId]))
        .length > 0
    );
  }

  /** True when a meeting is open whose IEP has not been affirmed. */
  async hasOpenMeeting(studentId: string): Promise<boolean> {
    const open =
      "SELECT id FROM pub_iep WHERE student_id = ? AND state IN ('DRAFT', 'IN_REVIEW', 'AMENDED_DRAFT') LIMIT 1";
    return (await this.query(open, [studentId])).length > 0;
  }

  private query<T = Record<string, string>>(sql: string, parameters: unknown[]): Promise<T[]> {
    return this.session.manager.query(scopeComment(this.session.scope.marker) + sql, parameters);
  }
}
