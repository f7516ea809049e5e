import { scopeMarker } from '../../../platform/database/guard';
import type { CalendarDay } from '../../../platform/dates';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { StudentAccess } from '../../../platform/scope/tables';
import { StudentAccessGrant } from './student-access-grant.entity';

export interface StudentAccessGrantMatch {
  accountId?: string | null;
  studentId?: string | null;
  /** Only those in force on this day. */
  inForceOn?: CalendarDay | null;
}

/** Grants of students to monitors, of the students in the caller's scope. */
export class StudentAccessGrantRepository extends ScopedRepository<StudentAccessGrant> {
  protected readonly entity = StudentAccessGrant;
  protected readonly scopedBy = { student: 'studentId' } as const;
  protected readonly fieldClass = 'student-access-grant';

  page(match: StudentAccessGrantMatch, args: PageArgs): Promise<Page<StudentAccessGrant>> {
    const query = this.select('g');
    for (const field of ['accountId', 'studentId'] as const)
      if (match[field]) query.andWhere(`g.${field} = :${field}`, { [field]: match[field] });
    if (match.inForceOn) {
      query.andWhere(
        'EXISTS (SELECT 1 FROM student_access ga WHERE ga.id = g.id AND ga.revoked_at IS NULL' +
          ' AND ga.valid_from <= :inForceOn AND ga.valid_to >= :inForceOn)',
        { inForceOn: match.inForceOn },
      );
    }
    return paginate(query, {
      connection: 'studentAccessGrants',
      filter: match,
      args,
      order: [
        { sql: 'g.expiresOn', value: (row) => row.expiresOn },
        { sql: 'g.id', value: (row) => row.id },
      ],
      principal: this.session.principal,
      run: (ready, shown) => this.rows(ready, shown),
    });
  }

  /** When each of these grants, which the caller has found in scope, was ended. */
  async ends(grantIds: readonly string[]): Promise<Map<string, Date | null>> {
    const rows = await this.session.manager
      .createQueryBuilder(StudentAccess, 'x')
      .comment(scopeMarker(this.session.scope.marker))
      .where('x.id IN (:...grantIds)', { grantIds: [...new Set(grantIds)] })
      .getMany();
    return new Map(rows.map((row) => [row.id, row.revokedAt]));
  }
}
