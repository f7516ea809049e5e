import { badInput, notFound, reject } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { studentChanged } from '../events';
import { JurisdictionRepository } from '../jurisdiction/jurisdiction.repository';
import { checkTexts } from '../student/field-rules';
import { StudentRepository } from '../student/student.repository';
import type { Guardian } from './guardian.entity';
import type { AddGuardianInput, UpdateGuardianInput } from './guardian.inputs';
import { GuardianRepository } from './guardian.repository';

/** Fields that must not be emptied. */
const NEEDED = ['firstName', 'lastName', 'relationship', 'educationalRights'] as const;
const OPTIONAL = ['title', 'suffix', 'phone', 'email', 'address', 'language'] as const;

/** Parents and guardians: the LEA keeps them up to date (SER-40). */
export class GuardianService {
  constructor(private readonly session: Session) {}

  /** @throws V-052 while the student has no open jurisdiction (SER-37) */
  async add({ studentId, idempotencyKey: _, ...input }: AddGuardianInput): Promise<string> {
    checkContacts(input);
    await this.session.lock(studentId);
    if (!(await this.session.get(StudentRepository).findById(studentId))) throw notFound('The student');
    if (!(await this.session.get(JurisdictionRepository).ofToday(studentId)))
      throw reject('V-052', 'Save the jurisdiction first: the student has none that is open.', ['studentId']);
    const optional = Object.fromEntries(OPTIONAL.map((field) => [field, input[field] ?? null]));
    const { firstName, lastName, relationship } = input;
    const guardian = await this.session.get(GuardianRepository).insert({
      ...optional,
      studentId,
      firstName,
      lastName,
      relationship,
      educationalRights: input.educationalRights ?? true,
      version: 1,
    });
    await this.session.emit(studentChanged, studentId, {});
    return guardian.id;
  }

  /** @throws CONFLICT when somebody else has edited the guardian since */
  async update({ id, version, idempotencyKey: _, ...input }: UpdateGuardianInput): Promise<string> {
    checkContacts(input);
    const guardians = this.session.get(GuardianRepository);
    const found = await guardians.findById(id);
    if (!found) throw notFound('The guardian');
    await this.session.lock(found.studentId);
    for (const field of NEEDED) if (input[field] === null) throw badInput(`\`${field}\` can't be emptied.`, [field]);
    const given = Object.entries(input).filter(([, value]) => value !== undefined);
    await guardians.update(id, Object.fromEntries(given) as Partial<Guardian>, version);
    await this.session.emit(studentChanged, found.studentId, {});
    return id;
  }
}

function checkContacts(input: { email?: string | null }): void {
  checkTexts(input);
  if (input.email != null && !/^[^\s@]+@[^\s@]+$/.test(input.email))
    throw badInput('`email` must be an e-mail address.', ['email']);
}
