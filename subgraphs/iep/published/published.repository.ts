import { scopeComment, scopeMarker } from '../../../platform/database/guard';
import type { CalendarDay } from '../../../platform/dates';
import { assertFresh } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import type {
  PublishedJurisdiction,
  PublishedPeriod,
  PublishedService,
  PublishedStudent,
  StudentStanding,
} from './published-rows';

interface ServiceRow {
  id: string;
  iep_id: string;
  code: string;
  state: string;
  do_not_report: number | boolean;
  frequency: string | null;
  minutes: number | string | null;
  delivery: string | null;
  location: string | null;
  start_date: string | null;
  end_date: string | null;
}

/**
 * What the other subgraphs publish, read inside a guarded act (domain G.3, F1). The caller has found the IEP or student in
 * scope before; these reads add nothing that is shown beyond it.
 */
export class PublishedRepository {
  constructor(private readonly session: Session) {}

  /** The services of these IEPs, in one statement. */
  async servicesOf(iepIds: readonly string[]): Promise<PublishedService[]> {
    if (iepIds.length === 0) return [];
    const rows: ServiceRow[] = await this.query(
      'SELECT id, iep_id, code, state, do_not_report, frequency, minutes, delivery, location, start_date, end_date' +
        ` FROM pub_service WHERE iep_id IN (${iepIds.map(() => '?').join(', ')}) ORDER BY iep_id, code, id`,
      [...iepIds],
    );
    return rows.map((row) => ({
      id: row.id,
      iepId: row.iep_id,
      code: row.code,
      state: row.state,
      doNotReport: Number(row.do_not_report) === 1,
      frequency: row.frequency,
      minutes: row.minutes === null ? null : Number(row.minutes),
      delivery: row.delivery,
      location: row.location,
      startDate: row.start_date,
      endDate: row.end_date,
    }));
  }

  /** True when the account is the student's case manager today (SEIS-38). */
  async isCaseManager(studentId: string, accountId: string, today: CalendarDay): Promise<boolean> {
    const rows = await this.query(
      "SELECT id FROM pub_assignment WHERE student_id = ? AND account_id = ? AND role = 'CASE_MANAGER' AND revoked_at IS NULL" +
        ' AND (valid_from IS NULL OR valid_from <= ?) AND (valid_to IS NULL OR valid_to >= ?)',
      [studentId, accountId, today, today],
    );
    return rows.length > 0;
  }

  /** The state whose rules hold for the student today, such as `state-ca`; null without an owner. */
  async stateOf(studentId: string): Promise<string | null> {
    const [row] = await this.query(
      'SELECT state_org_id FROM pub_jurisdiction WHERE student_id = ? AND end_date IS NULL',
      [studentId],
    );
    return (row?.state_org_id as string | undefined) ?? null;
  }

  /**
   * Name and identity of a student, and the LEA that owned the student on a day, for the printed document and age rules.
   * A former owner prints its own documents: where the student is now is not among them.
   */
  async student(studentId: string, on: CalendarDay): Promise<PublishedStudent | null> {
    const [row] = await this.query(
      'SELECT first_name, last_name, state_id, date_of_birth FROM pub_student WHERE id = ?',
      [studentId],
    );
    if (!row) return null;
    const [lea] = await this.query(
      'SELECT o.name FROM pub_jurisdiction j JOIN pub_organization o ON o.id = j.lea_id WHERE j.student_id = ?' +
        ' AND (j.end_date IS NULL OR j.end_date >= ?) ORDER BY CASE WHEN j.end_date IS NULL THEN 1 ELSE 0 END, j.end_date LIMIT 1',
      [studentId, on],
    );
    const {
      first_name: first,
      last_name: last,
      state_id: stateId,
      date_of_birth: dateOfBirth,
    } = row as Record<string, string>;
    return {
      name: `${last}, ${first}`,
      stateId: stateId!,
      dateOfBirth: dateOfBirth ?? null,
      lea: (lea?.name as string | undefined) ?? null,
    };
  }

  /** The reporting periods of all states whose red window is open on a day, the earliest report date first. */
  redPeriods(on: CalendarDay): Promise<PublishedPeriod[]> {
    return this.query(
      'SELECT code, name, state_org_id AS stateId, census_day AS reportDate FROM pub_reporting_period' +
        ' WHERE state_org_id IS NOT NULL AND red_from <= ? AND red_to >= ? ORDER BY census_day, id',
      [on, on],
    );
  }

  /** In which states these students were and are, in one statement. */
  async jurisdictionsOf(studentIds: readonly string[]): Promise<PublishedJurisdiction[]> {
    if (studentIds.length === 0) return [];
    const ids = [...new Set(studentIds)];
    return this.query(
      'SELECT student_id AS studentId, state_org_id AS stateId, end_date AS endDate FROM pub_jurisdiction' +
        ` WHERE student_id IN (${ids.map(() => '?').join(', ')})`,
      ids,
    );
  }

  /**
   * Those of these students that are the caller's today, in one scoped statement: a former district reads the IEPs of its own
   * period, and learns nothing of what is open about the student now.
   */
  async standings(studentIds: readonly string[]): Promise<StudentStanding[]> {
    if (studentIds.length === 0) return [];
    const { sql, parameters } = this.session.scope.predicate({ student: 's.id' });
    const rows = await this.session.manager
      .createQueryBuilder()
      .select('s.id', 'id')
      .addSelect('s.status', 'status')
      .from('pub_student', 's')
      .comment(scopeMarker(this.session.scope.marker))
      .where(`(${sql})`, parameters)
      .andWhere('s.id IN (:...studentIds)', { studentIds: [...new Set(studentIds)] })
      .getRawMany<{ id: string; status: string | null }>();
    if (rows.length === 0) await assertFresh(this.session);
    const standings = rows.map(({ id, status }) => ({ id, status: status ?? 'PENDING' }));
    this.session.disclosures.add(
      'finding',
      standings.map(({ id }) => id),
    );
    return standings;
  }

  private query<T = Record<string, unknown>>(sql: string, parameters: unknown[]): Promise<T[]> {
    return this.session.manager.query(`${scopeComment(this.session.scope.marker)}${sql}`, parameters) as Promise<T[]>;
  }
}
