import { scopeMarker } from '../../../platform/database/guard';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { Goal, GoalProgress } from './goal.entity';

/** Goals, each dated as its IEP. */
export class GoalRepository extends ScopedRepository<Goal> {
  protected readonly entity = Goal;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep.goal';

  /** The goals of these IEPs in page order, in one statement. */
  findByIeps(iepIds: readonly string[]): Promise<Goal[]> {
    if (iepIds.length === 0) return Promise.resolve([]);
    return this.rows(
      this.select('g')
        .andWhere('g.iepId IN (:...iepIds)', { iepIds: [...new Set(iepIds)] })
        .orderBy('g.position')
        .addOrderBy('g.id'),
    );
  }

  /** Goals are dated as their IEP: follows a change of its day. The IEP itself was found in scope by the caller. */
  async redate(iepId: string, scopeDate: string): Promise<void> {
    await this.session.manager
      .createQueryBuilder()
      .update(Goal)
      .set({ scopeDate })
      .comment(scopeMarker(this.session.scope.marker))
      .where('iep_id = :iepId', { iepId })
      .execute();
  }
}

/** Progress entries. A former LEA sees those of its own period, and none that its successor dated back into it. */
export class GoalProgressRepository extends ScopedRepository<GoalProgress> {
  protected readonly entity = GoalProgress;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep.goal.progress';

  /** The entries of these goals, newest first, in one statement. */
  findByGoals(goalIds: readonly string[]): Promise<GoalProgress[]> {
    if (goalIds.length === 0) return Promise.resolve([]);
    return this.rows(
      this.select('p')
        .andWhere('p.goalId IN (:...goalIds)', { goalIds: [...new Set(goalIds)] })
        .orderBy('p.reportedOn', 'DESC')
        .addOrderBy('p.id', 'DESC'),
    );
  }
}
