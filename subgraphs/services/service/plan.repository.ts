import { scopeMarker } from '../../../platform/database/guard';
import type { Session } from '../../../platform/scope/session';

/** What a guard needs to know of an IEP. */
export interface PlanState {
  studentId: string;
  state: string;
  /** The affirmed plan that this one amends or continues. */
  parentIepId: string | null;
  /** The affirmed plan that this one was reactivated from, and replaces. */
  reactivatesIepId: string | null;
}

/** The published IEPs. For guards whatever the caller's scope: the right to the student has been checked before. */
export class PlanRepository {
  constructor(private readonly session: Session) {}

  async find(iepId: string): Promise<PlanState | null> {
    const row = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('i.student_id', 'studentId')
      .addSelect('i.state', 'state')
      .addSelect('i.parent_iep_id', 'parentIepId')
      .addSelect('i.reactivates_iep_id', 'reactivatesIepId')
      .from('pub_iep', 'i')
      .where('i.id = :iepId', { iepId })
      .getRawOne<PlanState>();
    return row ?? null;
  }

  /** Of these plans the ones that are in force for students who are the caller's today: plan → student. */
  async studentsInForce(iepIds: readonly string[]): Promise<Map<string, string>> {
    if (iepIds.length === 0) return new Map();
    const { sql, parameters } = this.session.scope.predicate({ student: 'i.student_id' });
    const rows = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('i.id', 'id')
      .addSelect('i.student_id', 'studentId')
      .from('pub_iep', 'i')
      .where(`(${sql})`, parameters)
      .andWhere("i.id IN (:...iepIds) AND i.state = 'CURRENT'", { iepIds: [...new Set(iepIds)] })
      .getRawMany<{ id: string; studentId: string }>();
    return new Map(rows.map((row) => [row.id, row.studentId]));
  }
}
