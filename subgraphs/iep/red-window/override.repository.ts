import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { RedWindowOverride } from './override.entity';

/** Overrides of the red window, each dated by its own day. */
export class OverrideRepository extends ScopedRepository<RedWindowOverride> {
  protected readonly entity = RedWindowOverride;
  protected readonly scopedBy = { student: 'studentId', from: 'overriddenOn' } as const;
  protected readonly fieldClass = 'iep.red-window-override';

  /** The overrides on these IEPs in one statement, in the order in which they were made. */
  findByIeps(iepIds: readonly string[]): Promise<RedWindowOverride[]> {
    if (iepIds.length === 0) return Promise.resolve([]);
    return this.rows(
      this.select('o')
        .andWhere('o.iepId IN (:...iepIds)', { iepIds: [...new Set(iepIds)] })
        .orderBy('o.overriddenAt')
        .addOrderBy('o.id'),
    );
  }
}
