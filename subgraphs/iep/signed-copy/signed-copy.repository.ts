import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { SignedCopy } from './signed-copy.entity';

/** Signed copies. Dated as their IEP, but never in the time of a former owner: that one sees nothing newer than its own. */
export class SignedCopyRepository extends ScopedRepository<SignedCopy> {
  protected readonly entity = SignedCopy;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep.document';

  /** The copies of these IEPs, the newest first, in one statement. */
  findByIeps(iepIds: readonly string[]): Promise<SignedCopy[]> {
    if (iepIds.length === 0) return Promise.resolve([]);
    return this.rows(
      this.select('c')
        .andWhere('c.iepId IN (:...iepIds)', { iepIds: [...new Set(iepIds)] })
        .orderBy('c.attachedAt', 'DESC')
        .addOrderBy('c.id', 'DESC'),
    );
  }

  /** How many copies of this IEP there are. */
  countOf(iepId: string): Promise<number> {
    return this.select('c').andWhere('c.iepId = :iepId', { iepId }).getCount();
  }
}
