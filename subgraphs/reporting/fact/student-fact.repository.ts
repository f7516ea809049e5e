import type { SelectQueryBuilder } from 'typeorm';
import { insertRows } from '../../../platform/database/insert-rows';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { StudentFact } from './student-fact.entity';

/** The read model through the caller's scope: a fact is in scope when its student is. */
export class StudentFactRepository extends ScopedRepository<StudentFact> {
  protected readonly entity = StudentFact;
  protected readonly scopedBy = { student: 'id', settled: { grantee: 'settledFor', from: 'settledFrom' } } as const;
  protected readonly fieldClass: string = 'fact';

  /** When the oldest row was computed; null when there is none. For the process's own work. */
  async oldestComputation(): Promise<Date | null> {
    const oldest = await this.select('f').orderBy('f.computedAt').limit(1).getOne();
    return oldest?.computedAt ?? null;
  }

  /** Writes computed rows over whatever stood there. For recomputation only. */
  async replace(facts: readonly Omit<StudentFact, 'due'>[]): Promise<void> {
    await insertRows(this.session, StudentFact, facts as StudentFact[], { over: true });
  }
}

/** Limits facts to one organization, at whatever level it stands. */
export function ofOrganization(
  query: SelectQueryBuilder<StudentFact>,
  organizationId: string | null | undefined,
  alias = 'f',
): void {
  if (!organizationId) return;
  const columns = ['leaId', 'schoolId', 'selpaId', 'stateOrgId'];
  query.andWhere(`(${columns.map((column) => `${alias}.${column} = :organizationId`).join(' OR ')})`, {
    organizationId,
  });
}
