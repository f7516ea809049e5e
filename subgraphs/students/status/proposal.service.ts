import { notFound } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { RequestKind } from '../request/request.entity';
import { RequestService } from '../request/request.service';
import { checkTexts } from '../student/field-rules';
import { StudentRepository } from '../student/student.repository';
import { StatusService } from './status.service';
import type { SetStudentStatusInput } from './status.inputs';
import { StudentStatus } from './student-status';

/** Statuses that a case manager determines; the others are proposed to the district (domain X2, SEIS-19, SEIS-37). */
const CASE_MANAGER_SETS: readonly StudentStatus[] = [StudentStatus.PENDING];

/** Decides whether a determination is the caller's to make, or a proposal. */
export class ProposalService {
  constructor(private readonly session: Session) {}

  /** @returns ids of the student and, when the district has to decide, of the request */
  async setStatus({ studentId, idempotencyKey: _, ...wanted }: SetStudentStatusInput): Promise<Record<string, string>> {
    checkTexts(wanted);
    await this.session.lock(studentId);
    const student = await this.session.get(StudentRepository).findById(studentId);
    if (!student) throw notFound('The student');
    const district = this.session.principal.level !== 'teacher';
    if (!district && (wanted.correctsId || !CASE_MANAGER_SETS.includes(wanted.status))) {
      const request = await this.session
        .get(RequestService)
        .submitDetermination(RequestKind.STATUS_CHANGE, studentId, wanted);
      return { student: studentId, request };
    }
    await this.session.get(StatusService).determine(student, wanted, district ? 'DISTRICT' : 'CASE_MANAGER');
    return { student: studentId };
  }
}
