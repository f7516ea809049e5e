import { In } from 'typeorm';
import { AuditDisclosedStudent, AuditEntry } from '../../../platform/audit/tables';
import { scopeMarker } from '../../../platform/database/guard';
import { addDays, startOfDay } from '../../../platform/dates';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { assertFresh } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { Jurisdiction } from '../jurisdiction/jurisdiction.entity';
import { Student } from '../student/student.entity';

/** Of which time the caller may see the disclosures of a student; `null` ends are open. */
export interface VisibleTime {
  from: Date | null;
  before: Date | null;
}

/**
 * The disclosures of a student, from the audit log. On SQLite the log is a file of its own, so that scope and entries can't
 * be read in one statement: the scope is asked before and after (`visibleTimes`), the log in between.
 */
export class DisclosureRepository {
  constructor(private readonly session: Session) {}

  /**
   * All time for a student in scope; the own periods for a former owner (architecture, section 4); nothing otherwise, as
   * when there is no such student.
   */
  async visibleTimes(studentId: string): Promise<VisibleTime[]> {
    if (await this.isInScope(studentId)) return [{ from: null, before: null }];
    const { sql, parameters } = this.session.scope.predicate({
      student: 'j.student_id',
      from: 'j.begin_date',
      to: 'j.end_date',
    });
    const periods = await this.session.manager
      .createQueryBuilder(Jurisdiction, 'j')
      .comment(scopeMarker(this.session.scope.marker))
      .where(`(${sql})`, parameters)
      .andWhere('j.withdrawnAt IS NULL AND j.studentId = :studentId', { studentId })
      .orderBy('j.beginDate')
      .getMany();
    if (periods.length === 0) await assertFresh(this.session);
    const { timeZone } = this.session.principal;
    return periods.map(({ beginDate, endDate }) => ({
      from: startOfDay(timeZone, beginDate),
      before: endDate === null ? null : startOfDay(timeZone, addDays(endDate, 1)),
    }));
  }

  private isInScope(studentId: string): Promise<boolean> {
    const { sql, parameters } = this.session.scope.predicate({ student: 's.id' });
    return this.session.manager
      .createQueryBuilder(Student, 's')
      .comment(scopeMarker(this.session.scope.marker))
      .where(`(${sql})`, parameters)
      .andWhere('s.id = :studentId', { studentId })
      .getExists();
  }

  /** The newest first. To be called for times that the caller may see, and to be kept back when they are no longer. */
  page(studentId: string, times: readonly VisibleTime[], args: PageArgs): Promise<Page<AuditDisclosedStudent>> {
    const query = this.session.auditReader
      .createQueryBuilder(AuditDisclosedStudent, 'd')
      .comment(scopeMarker(this.session.scope.marker))
      .where('d.studentId = :studentId', { studentId });
    const parameters: Record<string, Date> = {};
    const within = times.map(({ from, before }, i) => {
      const bounds = ['1 = 1'];
      if (from) bounds.push(`d.at >= :from${i}`);
      if (before) bounds.push(`d.at < :before${i}`);
      Object.assign(parameters, from && { [`from${i}`]: from }, before && { [`before${i}`]: before });
      return `(${bounds.join(' AND ')})`;
    });
    query.andWhere(within.length > 0 ? `(${within.join(' OR ')})` : '1 = 0', parameters);
    return paginate(query, {
      connection: 'disclosures',
      filter: { studentId },
      args,
      // Ids of entries are in the order of time.
      order: [{ sql: 'd.entryId', value: (row) => row.entryId, direction: 'DESC' }],
      principal: this.session.principal,
      run: (ready) => ready.getMany(),
    });
  }

  /** The entries of the log by id, in one statement. */
  async entries(ids: readonly string[]): Promise<Map<string, AuditEntry>> {
    if (ids.length === 0) return new Map();
    const rows = await this.session.auditReader.findBy(AuditEntry, { id: In([...ids]) });
    return new Map(rows.map((row) => [row.id, row]));
  }
}
