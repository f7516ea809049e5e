import { scopeMarker } from '../../../platform/database/guard';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { SpedActivity, StudentStatusEntry } from './status.entity';

/** A former LEA sees the entries of its own period, and none that its successor dated back into it. */
export class StatusRepository extends ScopedRepository<StudentStatusEntry> {
  protected readonly entity = StudentStatusEntry;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'student.status';

  /** The entry that was appended last: the status that holds. */
  async last(studentId: string): Promise<StudentStatusEntry | null> {
    const query = this.select('e').andWhere('e.studentId = :studentId', { studentId });
    return (
      (
        await this.rows(
          query.orderBy('e.recordedAt', 'DESC').addOrderBy('e.effectiveOn', 'DESC').addOrderBy('e.id', 'DESC').limit(1),
        )
      )[0] ?? null
    );
  }

  /** The latest day from which an entry holds. */
  async lastDay(studentId: string): Promise<string | null> {
    const query = this.select('e').andWhere('e.studentId = :studentId', { studentId });
    return (await this.rows(query.orderBy('e.effectiveOn', 'DESC').limit(1)))[0]?.effectiveOn ?? null;
  }

  async findIn(studentId: string, id: string): Promise<StudentStatusEntry | null> {
    const entry = await this.findById(id);
    return entry?.studentId === studentId ? entry : null;
  }
}

export class SpedActivityRepository extends ScopedRepository<SpedActivity> {
  protected readonly entity = SpedActivity;
  // By its first day alone: an activity that went on elsewhere belongs to the period in which it began.
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'student.spedActivity';

  async open(studentId: string): Promise<SpedActivity | null> {
    return (await this.rows(this.select('a').andWhere('a.openOf = :studentId', { studentId })))[0] ?? null;
  }

  /**
   * Activities of these students. A former LEA does not learn of an exit after its own time: how the activity ended is
   * left out for it, decided in the same statement.
   */
  async findForDisplay(studentIds: readonly string[]): Promise<SpedActivity[]> {
    if (studentIds.length === 0) return [];
    const inScope = this.session.scope.predicate({ student: 'a.student_id' });
    const exitInScope = this.session.scope.predicate({ student: 'a.student_id', from: 'a.exit_on' });
    const { entities, raw } = await this.select('a')
      .comment(scopeMarker(this.session.scope.marker))
      .addSelect(
        `CASE WHEN (${inScope.sql}) OR (a.exit_on IS NOT NULL AND ${exitInScope.sql}) THEN 1 ELSE 0 END`,
        'whole',
      )
      .setParameters({ ...inScope.parameters, ...exitInScope.parameters })
      .andWhere('a.studentId IN (:...studentIds)', { studentIds: [...new Set(studentIds)] })
      .getRawAndEntities<{ whole: number | string }>();
    this.session.disclosures.add(
      this.fieldClass,
      entities.map((row) => row.studentId),
    );
    return entities.map((row, i) =>
      Number(raw[i]?.whole) === 1 ? row : Object.assign(new SpedActivity(), { ...row, exitOn: null, exitReason: null }),
    );
  }
}
