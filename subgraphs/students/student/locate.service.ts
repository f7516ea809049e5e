import { badInput } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { JurisdictionRepository } from '../jurisdiction/jurisdiction.repository';
import { PlacementService } from '../jurisdiction/placement';
import { PublishedFactsRepository } from '../jurisdiction/published-facts.repository';
import { countCrossing } from './crossing-limit';
import { checkTexts } from './field-rules';
import { normalizeName } from './search-text';
import type { Student } from './student.entity';
import { type LocateStudentInput, StudentCard } from './student.inputs';
import { StudentRepository } from './student.repository';

const MAX_CARDS = 5;
const MIN_PURPOSE = 5;

/**
 * The finder beyond the own scope (SEIS-16, SER-28, SER-29): the one sanctioned way to learn that a record exists. Answers
 * minimal cards of the caller's own state, records each as a disclosure with its purpose, and is limited per account.
 */
export class LocateService {
  constructor(private readonly session: Session) {}

  /** @throws BAD_USER_INPUT for another combination of criteria; RATE_LIMITED */
  async locate(by: LocateStudentInput): Promise<StudentCard[]> {
    checkCriteria(by);
    await countCrossing(this.session.principal.subject);
    const stateOrgId = (await this.session.get(PlacementService).caller())?.stateId;
    if (!stateOrgId) return [];
    const cross = this.session.crossScope('locate');
    const students = await this.find(cross, by, stateOrgId);
    const ids = students.map((row) => row.id);
    this.session.disclosures.add('student.card', ids);
    if (by.purpose?.trim()) this.session.disclosures.because(by.purpose.trim());
    const owners = await cross.get(JurisdictionRepository).lastBeyondScope(ids, this.session.today);
    const open = new Set(
      (await cross.get(PublishedFactsRepository).leasWithOpenServices(ids, this.session.today)).map(
        (row) => row.studentId,
      ),
    );
    return students
      .filter((row) => owners.get(row.id)?.stateOrgId === stateOrgId)
      .map((row) => card(row, owners.get(row.id)?.leaId ?? null, open.has(row.id)));
  }

  private async find(
    cross: Session,
    { stateId, lastName, dateOfBirth }: LocateStudentInput,
    stateOrgId: string,
  ): Promise<Student[]> {
    const students = cross.get(StudentRepository);
    if (stateId == null) return students.findTwins(lastName!, dateOfBirth!, MAX_CARDS, stateOrgId);
    const found = await students.findBeyondScope(stateId);
    return found && !found.hidden ? [found] : [];
  }
}

function checkCriteria(by: LocateStudentInput): void {
  checkTexts(by);
  const byId = by.stateId != null && by.lastName == null && by.dateOfBirth == null;
  const byName =
    by.stateId == null &&
    !!by.lastName &&
    !!normalizeName(by.lastName) &&
    by.dateOfBirth != null &&
    (by.purpose?.trim().length ?? 0) >= MIN_PURPOSE;
  if (!byId && !byName)
    throw badInput('Give either `stateId`, or `lastName`, `dateOfBirth` and a `purpose` of a few words.', ['by']);
}

function card(student: Student, leaId: string | null, hasOpenServices: boolean): StudentCard {
  const initials = [student.firstName, student.lastName].map((name) => [...name][0]?.toUpperCase() ?? '').join('');
  return Object.assign(new StudentCard(), {
    stateId: student.stateId,
    initials,
    birthYear: Number(student.dateOfBirth.slice(0, 4)),
    leaId,
    hasOpenServices,
  });
}
