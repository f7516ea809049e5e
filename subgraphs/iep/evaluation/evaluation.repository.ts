import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { Evaluation } from './evaluation.entity';

/** Evaluations, dated by their decision; before it by their request. */
export class EvaluationRepository extends ScopedRepository<Evaluation> {
  protected readonly entity = Evaluation;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'evaluation';

  /** The evaluations of these students, the most recent first (SER-57), in one statement. */
  findNewestFirst(studentIds: readonly string[]): Promise<Evaluation[]> {
    if (studentIds.length === 0) return Promise.resolve([]);
    const query = this.select('e').andWhere('e.studentId IN (:...studentIds)', {
      studentIds: [...new Set(studentIds)],
    });
    return this.rows(query.orderBy('e.scopeDate', 'DESC').addOrderBy('e.id', 'DESC'));
  }
}
