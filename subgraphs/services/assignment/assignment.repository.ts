import type { SelectQueryBuilder } from 'typeorm';
import type { CalendarDay } from '../../../platform/dates';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { Provider } from '../provider/provider.entity';
import { ProviderAssignment } from './assignment.entity';
import type { AssignmentRole } from './assignment.enums';

const OPEN = (alias: string): string =>
  `${alias}.revoked_at IS NULL AND (${alias}.valid_to IS NULL OR ${alias}.valid_to >= :openToday)`;

/** Whose caseload: an account's, or a provider's. */
export type CaseloadOf = { accountId: string } | { providerId: string };

/** Assignments of students. Not dated: a former owner has no business with them. */
export class AssignmentRepository extends ScopedRepository<ProviderAssignment> {
  protected readonly entity = ProviderAssignment;
  protected readonly scopedBy = { student: 'studentId' } as const;
  protected readonly fieldClass = 'assignment';

  private selectOpen(): SelectQueryBuilder<ProviderAssignment> {
    return this.select('a').andWhere(OPEN('a'), { openToday: this.session.today });
  }

  /** Open assignments of these students with their providers, in one statement. */
  async findOpenWithProviders(studentIds: readonly string[]): Promise<ProviderAssignment[]> {
    if (studentIds.length === 0) return [];
    const query = this.selectOpen()
      .innerJoinAndMapOne('a.joinedProvider', Provider, 'p', 'p.id = a.providerId')
      .andWhere('a.studentId IN (:...studentIds)', { studentIds: [...new Set(studentIds)] });
    return this.rows(query);
  }

  /** Open assignments of one student. */
  findOpen(studentId: string): Promise<ProviderAssignment[]> {
    return this.rows(this.selectOpen().andWhere('a.studentId = :studentId', { studentId }).orderBy('a.id'));
  }

  /** Assignments through an LEA that end with this day although they were planned to last longer. */
  findEndedEarly(studentId: string, leaId: string, lastDay: CalendarDay): Promise<ProviderAssignment[]> {
    const query = this.select('a').andWhere(
      'a.studentId = :studentId AND a.leaId = :leaId AND a.validTo = :lastDay AND a.revokedAt IS NULL' +
        ' AND (a.plannedTo IS NULL OR a.plannedTo > a.validTo)',
      { studentId, leaId, lastDay },
    );
    return this.rows(query.orderBy('a.id'));
  }

  /** Open assignments of a student that an account's access hangs on. */
  async findOpenOfAccount(studentId: string, accountId: string, role: AssignmentRole): Promise<ProviderAssignment[]> {
    return (await this.findOpen(studentId)).filter((row) => row.accountId === accountId && row.role === role);
  }

  /** Open assignments of a provider. */
  findOpenOfProvider(providerId: string): Promise<ProviderAssignment[]> {
    return this.rows(this.selectOpen().andWhere('a.providerId = :providerId', { providerId }).orderBy('a.studentId'));
  }

  /** True when a provider has an open assignment. Shows no row, and so discloses none. */
  async hasOpen(providerId: string): Promise<boolean> {
    const query = this.selectOpen().andWhere('a.providerId = :providerId', { providerId }).select('a.id', 'id');
    return (await query.limit(1).getRawOne()) != null;
  }

  /**
   * A page of a caseload: one row per student, newest first. Who manages the case and serves the student has the case
   * manager's row; who serves by several services the first of them.
   */
  caseload(of: CaseloadOf, args: PageArgs): Promise<Page<ProviderAssignment>> {
    const [column, value] = 'accountId' in of ? ['account_id', of.accountId] : ['provider_id', of.providerId];
    const query = this.selectOpen()
      .andWhere(`a.${column} = :caseloadOf`, { caseloadOf: value })
      .andWhere(
        `NOT EXISTS (SELECT 1 FROM provider_assignment o WHERE o.student_id = a.student_id AND o.${column} = a.${column} AND ${OPEN('o')}` +
          ' AND (o.role < a.role OR (o.role = a.role AND o.id < a.id)))',
      );
    return paginate(query, {
      connection: 'caseload',
      filter: of,
      args,
      order: [
        { sql: 'a.validFrom', value: (row) => row.validFrom, direction: 'DESC' },
        { sql: 'a.id', value: (row) => row.id },
      ],
      principal: this.session.principal,
      run: (ready, shown) => this.rows(ready, shown),
    });
  }
}
