import type { SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import type { CalendarDay } from '../../../platform/dates';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { Jurisdiction, SchoolPeriod } from './jurisdiction.entity';

/** Dated rows: a former LEA or SELPA keeps its own period and sees nothing newer. */
export class JurisdictionRepository extends ScopedRepository<Jurisdiction> {
  protected readonly entity = Jurisdiction;
  protected readonly scopedBy = { student: 'studentId', from: 'beginDate', to: 'endDate' } as const;
  protected readonly fieldClass = 'jurisdiction';

  /**
   * What has begun. A claim for a coming day is shown to nobody: the present owner learns from the last day of its own period
   * that the student leaves, everybody else sees today's owner. Nor is one that was withdrawn.
   */
  protected override select(alias = 't'): SelectQueryBuilder<Jurisdiction> {
    return super
      .select(alias)
      .andWhere(`${alias}.withdrawnAt IS NULL AND ${alias}.beginDate <= :begunBy`, { begunBy: this.session.today });
  }

  /** The period of today: a claim for a coming day has not begun. */
  async ofToday(studentId: string): Promise<Jurisdiction | null> {
    return (await this.onDay([studentId], this.session.today))[0] ?? null;
  }

  /**
   * The last period of students that may be out of scope, by student: for the named crossings only (claim, add, locate),
   * which record the disclosure of the card themselves.
   * @param begunBy leaves claims out that begin after this day
   */
  async lastBeyondScope(studentIds: readonly string[], begunBy?: CalendarDay): Promise<Map<string, Jurisdiction>> {
    if (studentIds.length === 0) return new Map();
    const query = this.everywhere().where('j.withdrawnAt IS NULL AND j.studentId IN (:...studentIds)', {
      studentIds: [...studentIds],
    });
    if (begunBy) query.andWhere('j.beginDate <= :begunBy', { begunBy });
    const rows = await query.orderBy('j.beginDate').addOrderBy('j.id').getMany();
    return new Map(rows.map((row) => [row.studentId, row]));
  }

  /** A period by its id, begun or not, withdrawn or not: for the crossing `claim`, whose guard says whose it is. */
  oneBeyondScope(id: string): Promise<Jurisdiction | null> {
    return this.everywhere().where('j.id = :id', { id }).getOne();
  }

  private everywhere(): SelectQueryBuilder<Jurisdiction> {
    return this.session.manager.createQueryBuilder(Jurisdiction, 'j').comment(scopeMarker(this.session.scope.marker));
  }

  /** The periods that hold on a day, in one statement. */
  async onDay(studentIds: readonly string[], day: CalendarDay): Promise<Jurisdiction[]> {
    const query = this.select('j').andWhere('j.studentId IN (:...studentIds)', {
      studentIds: [...new Set(studentIds)],
    });
    return this.rows(query.andWhere('j.beginDate <= :day AND (j.endDate IS NULL OR j.endDate >= :day)', { day }));
  }
}

export class SchoolPeriodRepository extends ScopedRepository<SchoolPeriod> {
  protected readonly entity = SchoolPeriod;
  protected readonly scopedBy = { student: 'studentId', from: 'beginDate', to: 'endDate' } as const;
  protected readonly fieldClass = 'jurisdiction';

  async findByJurisdictions(jurisdictionIds: readonly string[]): Promise<SchoolPeriod[]> {
    const query = this.select('p').andWhere('p.jurisdictionId IN (:...jurisdictionIds)', {
      jurisdictionIds: [...new Set(jurisdictionIds)],
    });
    return this.rows(query.orderBy('p.beginDate'));
  }

  /** The school that the student attends under this jurisdiction. */
  async open(jurisdictionId: string): Promise<SchoolPeriod | null> {
    const query = this.select('p').andWhere('p.jurisdictionId = :jurisdictionId AND p.endDate IS NULL', {
      jurisdictionId,
    });
    return (await this.rows(query))[0] ?? null;
  }

  /** Gives a period that was ended with this day its last school back. */
  async reopen(jurisdictionId: string, lastDay: CalendarDay): Promise<void> {
    const query = this.select('p').andWhere('p.jurisdictionId = :jurisdictionId AND p.endDate = :lastDay', {
      jurisdictionId,
      lastDay,
    });
    const [last] = await this.rows(query.orderBy('p.beginDate', 'DESC'));
    if (last) await this.update(last.id, { endDate: null });
  }
}
