import { addKeyset } from '../../../platform/graphql/connection';
import { ofOrganization, StudentFactRepository } from '../fact/student-fact.repository';
import type { StudentFact } from '../fact/student-fact.entity';
import type { ReportSelection } from './report-definitions';
import type { ReportParameters } from './report-run.entity';

const BY_NAME = [{ sql: 'f.nameKey' }, { sql: 'f.id' }];

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
    const isNarrowed = Boolean(due || needsAction || parameters.organizationId || parameters.caseManagerId);
    const query = (await this.drivenPage('f', isNarrowed)).andWhere(
      "f.hidden = 0 AND f.status IN ('PENDING', 'ELIGIBLE_ACTIVE', 'ELIGIBLE_NO_PLAN')",
    );
    ofOrganization(query, parameters.organizationId);
    if (parameters.caseManagerId)
      query.andWhere('f.caseManagerProviderId = :caseManagerId', { caseManagerId: parameters.caseManagerId });
    if (due && parameters.period) query.andWhere(`f.${due} BETWEEN :from AND :to`, parameters.period);
    if (needsAction)
      query.andWhere('(f.nextSort < :today OR f.unaffirmed = 1 OR f.openFindings > 0)', { today: this.session.today });
    if (last) addKeyset(query, BY_NAME, [last.nameKey, last.id]);
    return this.rows(query.orderBy('f.nameKey').addOrderBy('f.id').limit(limit));
  }
}
