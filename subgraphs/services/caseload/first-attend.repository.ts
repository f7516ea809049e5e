import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { FirstAttend } from './first-attend.entity';

/** SESIS-17: a first attend puts the student on the caseload within this time. */
const HOURS_TO_CASELOAD = 48;

export class FirstAttendRepository extends ScopedRepository<FirstAttend> {
  protected readonly entity = FirstAttend;
  protected readonly scopedBy = { student: 'studentId' } as const;
  protected readonly fieldClass = 'first-attend';

  findByServices(serviceIds: readonly string[]): Promise<FirstAttend[]> {
    if (serviceIds.length === 0) return Promise.resolve([]);
    return this.rows(this.select('f').andWhere('f.serviceId IN (:...serviceIds)', { serviceIds: [...serviceIds] }));
  }

  /** Reports older than 48 hours whose provider doesn't have the student, and whose service goes on (V-070); oldest first. */
  late(args: PageArgs): Promise<Page<FirstAttend>> {
    const before = new Date(this.session.now.getTime() - HOURS_TO_CASELOAD * 3_600_000);
    const query = this.select('f')
      .andWhere('f.reportedAt <= :before', { before })
      .andWhere("EXISTS (SELECT 1 FROM student_service s WHERE s.id = f.service_id AND s.state = 'ACTIVE')")
      .andWhere(
        'NOT EXISTS (SELECT 1 FROM provider_assignment a WHERE a.student_id = f.student_id AND a.provider_id = f.provider_id' +
          ' AND a.revoked_at IS NULL AND (a.valid_to IS NULL OR a.valid_to >= :openToday))',
        { openToday: this.session.today },
      );
    return paginate(query, {
      connection: 'lateFirstAttends',
      filter: null,
      args,
      order: [{ sql: 'f.id', value: (row) => row.id }],
      principal: this.session.principal,
      run: (ready, shown) => this.rows(ready, shown),
    });
  }
}
