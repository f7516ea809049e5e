import type { SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { granteesOf, type Level } from '../../../platform/principal/principal';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { StudentFact } from './student-fact.entity';

const SMALL_SCOPES: ReadonlySet<Level> = new Set<Level>(['teacher', 'school', 'district', 'partner']);

/** The read model through the caller's scope: a fact is in scope when its student is. */
export class StudentFactRepository extends ScopedRepository<StudentFact> {
  protected readonly entity = StudentFact;
  protected readonly scopedBy = { student: 'id' } as const;
  protected readonly fieldClass: string = 'fact';

  /**
   * `select`, driven from `student_access` where that is the small side: SQLite would otherwise walk all students of the
   * state in the order asked for to find a teacher's twenty. The guard of `select` stays; this only narrows.
   */
  protected driven(alias: string): SelectQueryBuilder<StudentFact> {
    const query = this.select(alias);
    const { level, grants } = this.session.principal;
    if (!SMALL_SCOPES.has(level) || grants.length === 0) return query;
    return query.andWhere(
      `${alias}.id IN (SELECT d.student_id FROM student_access d WHERE d.grantee IN (:...drivers))`,
      { drivers: granteesOf(grants) },
    );
  }

  /** When the oldest row was computed; null when there is none. For the process's own work. */
  async oldestComputation(): Promise<Date | null> {
    const oldest = await this.select('f').orderBy('f.computedAt').limit(1).getOne();
    return oldest?.computedAt ?? null;
  }

  /** Writes computed rows over whatever stood there. For recomputation only. */
  async replace(facts: readonly Omit<StudentFact, 'due'>[]): Promise<void> {
    if (facts.length === 0) return;
    const { columns } = this.session.manager.getRepository(StudentFact).metadata;
    await this.session.manager
      .createQueryBuilder()
      .insert()
      .into(StudentFact)
      .values(facts as never[])
      .orUpdate(
        columns.filter((column) => !column.isPrimary).map((column) => column.databaseName),
        ['id'],
      )
      .comment(scopeMarker(this.session.scope.marker))
      .updateEntity(false)
      .execute();
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
