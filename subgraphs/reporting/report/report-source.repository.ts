import { ofOrganization, StudentFactRepository } from '../fact/student-fact.repository';
import type { StudentFact } from '../fact/student-fact.entity';
import type { ReportSelection } from './report-definitions';
import type { ReportParameters } from './report-run.entity';

/** The students of a report, through the scope of whoever runs it, by name. */
export class ReportSourceRepository extends StudentFactRepository {
  protected override readonly fieldClass = 'report';

  /** The page after a student, in keyset order. */
  async after(
    last: StudentFact | null,
    limit: number,
    { due, needsAction }: ReportSelection,
    parameters: ReportParameters,
  ): Promise<StudentFact[]> {
    const query = this.driven('f').andWhere(
      "f.hidden = 0 AND f.status IN ('PENDING', 'ELIGIBLE_ACTIVE', 'ELIGIBLE_NO_PLAN')",
    );
    ofOrganization(query, parameters.organizationId);
    if (parameters.caseManagerId)
      query.andWhere('f.caseManagerProviderId = :caseManagerId', { caseManagerId: parameters.caseManagerId });
    if (due && parameters.period) query.andWhere(`f.${due} BETWEEN :from AND :to`, parameters.period);
    if (needsAction)
      query.andWhere('(f.nextSort < :today OR f.unaffirmed = 1 OR f.openFindings > 0)', { today: this.session.today });
    if (last)
      query.andWhere('(f.nameKey > :name OR (f.nameKey = :name AND f.id > :id))', { name: last.nameKey, id: last.id });
    return this.rows(query.orderBy('f.nameKey').addOrderBy('f.id').limit(limit));
  }
}
