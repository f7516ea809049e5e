import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { Guardian } from './guardian.entity';

/** Undated rows: a former owner sees none of them. */
export class GuardianRepository extends ScopedRepository<Guardian> {
  protected readonly entity = Guardian;
  protected readonly scopedBy = { student: 'studentId' } as const;
  protected readonly fieldClass = 'student.contacts';
}
