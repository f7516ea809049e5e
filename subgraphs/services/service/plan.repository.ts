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

/** The published IEPs, for guards: the caller's right to the student has been checked before. */
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
}
