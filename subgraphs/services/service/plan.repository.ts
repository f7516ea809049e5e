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

/** The plans whose services an open one carries on. */
export type CarriedOn = Pick<PlanState, 'parentIepId' | 'reactivatesIepId'>;

/** States of a plan in which it can still be given services. */
export const DRAFT_STATES: readonly string[] = ['DRAFT', 'IN_REVIEW', 'AMENDED_DRAFT'];

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

  /** Of these plans the open ones that carry on the services of another plan: plan → the others (C.2). */
  async carriedOn(iepIds: readonly string[]): Promise<Map<string, CarriedOn>> {
    if (iepIds.length === 0) return new Map();
    const rows = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('i.id', 'id')
      .addSelect('i.parent_iep_id', 'parentIepId')
      .addSelect('i.reactivates_iep_id', 'reactivatesIepId')
      .from('pub_iep', 'i')
      .where('i.id IN (:...iepIds) AND i.state IN (:...open)', { iepIds: [...new Set(iepIds)], open: DRAFT_STATES })
      .andWhere('(i.parent_iep_id IS NOT NULL OR i.reactivates_iep_id IS NOT NULL)')
      .getRawMany<CarriedOn & { id: string }>();
    return new Map(rows.map(({ id, ...others }) => [id, others]));
  }

  /**
   * Of these plans the ones that are in force for students who are the caller's today: plan → student. In force is the last
   * one that was agreed to, whether or not a later one is current without agreement (SEIS-79).
   */
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
      .andWhere('i.id IN (:...iepIds) AND i.agreed = 1', { iepIds: [...new Set(iepIds)] })
      .andWhere(
        'NOT EXISTS (SELECT 1 FROM pub_iep n WHERE n.student_id = i.student_id AND n.agreed = 1 AND' +
          ' (n.affirmed_at > i.affirmed_at OR (n.affirmed_at = i.affirmed_at AND n.id > i.id)))',
      )
      .getRawMany<{ id: string; studentId: string }>();
    return new Map(rows.map((row) => [row.id, row.studentId]));
  }
}
