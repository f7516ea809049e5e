import { conflict, databaseFault, notFound, reject } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import { studentChanged } from '../events';
import { JurisdictionRepository } from '../jurisdiction/jurisdiction.repository';
import { JurisdictionService } from '../jurisdiction/jurisdiction.service';
import { type Placement, PlacementService } from '../jurisdiction/placement';
import { RequestKind } from '../request/request.entity';
import { RequestService } from '../request/request.service';
import { StatusService } from '../status/status.service';
import { StudentStatus } from '../status/student-status';
import { assertCrossingAllowed, countCrossing } from './crossing-limit';
import { checkCode, checkLocalId, checkTexts, GENDERS, GRADE_LEVELS } from './field-rules';
import { searchKey } from './search-text';
import type { Student } from './student.entity';
import type { AddStudentInput, AssignStateIdInput, UpdateStudentInput } from './student.inputs';
import { StudentRepository } from './student.repository';

/** Levels whose writers create a student at once; the others ask (B.3 "create student"). */
const CREATING_LEVELS: readonly string[] = ['district', 'selpa'];
/** Fields of the identity authority (SER-42). */
const IDENTITY_FIELDS = ['firstName', 'middleName', 'lastName', 'dateOfBirth', 'gender'] as const;
const STATE_ID = /^[0-9A-Z][0-9A-Z-]{3,19}$/;

/** Identity and profile of students. */
export class StudentService {
  private readonly students: StudentRepository;

  constructor(private readonly session: Session) {
    this.students = session.get(StudentRepository);
  }

  /**
   * Adds a student (SEIS-15, SER-32..37): at once where the role creates and nobody of that identity is on file; else as a
   * request, which looks the same whatever the reason. So nothing tells that a record exists elsewhere.
   */
  async add({ idempotencyKey: _, ...input }: AddStudentInput): Promise<Record<string, string>> {
    const placement = await this.checked(input);
    const creates = CREATING_LEVELS.includes(this.session.principal.level);
    // Before anything is looked up: a refusal that only an existing record meets would tell of it.
    if (creates) await assertCrossingAllowed(this.session.principal.subject);
    const cross = this.session.crossScope('add');
    const known = await this.findKnown(cross, input, placement);
    const same = known.find((row) => row.stateId === input.stateId);
    if (same && (await this.students.findById(same.id)))
      throw reject('SEIS-16', 'This student has a record within your reach already.', ['stateId']);
    if (creates) {
      const created = known.length === 0 && (await this.createUnlessTaken(cross, input, placement));
      if (created) return { student: created };
      // Who creates otherwise may guess from the request that a record exists: recorded and counted like a look-up.
      this.session.disclosures.add(
        'student.card',
        known.map((row) => row.id),
      );
      await countCrossing(this.session.principal.subject);
    }
    return { request: await this.session.get(RequestService).submit(RequestKind.ADD_STUDENT, null, placement, input) };
  }

  /** Does what a queued add asked for. The caller has made sure that nobody has its unique id. */
  async accept(proposal: AddStudentInput, confirmNewRecord: boolean): Promise<string> {
    const placement = await this.checked(proposal);
    const cross = this.session.crossScope('accept-request');
    const twins = await cross
      .get(StudentRepository)
      .findTwins(proposal.lastName, proposal.dateOfBirth, 5, placement.stateOrgId);
    if (twins.length > 0 && !confirmNewRecord) {
      this.session.disclosures.add(
        'student.card',
        twins.map((row) => row.id),
      );
      throw reject(
        'SEIS-16',
        'A record of this name and birth date exists: locate it and claim it, or confirm that this is somebody else.',
        ['confirmNewRecord'],
      );
    }
    const created = await this.createUnlessTaken(cross, proposal, placement);
    if (!created) throw conflict('Somebody else has added this student meanwhile.');
    return created;
  }

  /**
   * Edits the profile (SER-43).
   * @throws V-051 for a field of the identity authority, whatever its value; V-047 for a local id like an SSN; CONFLICT
   */
  async update({ id, version, idempotencyKey: _, ...input }: UpdateStudentInput): Promise<string> {
    const touched = IDENTITY_FIELDS.find((field) => input[field] !== undefined);
    if (touched)
      throw reject('V-051', 'Demographic fields are read-only here: correct them at the identity authority.', [
        touched,
      ]);
    checkProfile(input);
    if (input.gradeLevel === null) throw reject('V-051', 'A student has a grade: choose one.', ['gradeLevel']);
    await this.session.lock(id);
    if (!(await this.students.findById(id))) throw notFound('The student');
    const { localId, gradeLevel, language } = input;
    if (localId !== undefined) await this.setLocalId(id, localId);
    const given = Object.entries({ gradeLevel, language }).filter(([, value]) => value !== undefined);
    await this.students.update(id, { ...Object.fromEntries(given), lastActivityOn: this.session.today }, version);
    await this.session.emit(studentChanged, id, {});
    return id;
  }

  /** Assigns another unique id (SER-49). A malformed one and one that somebody else has get the same answer (V-049). */
  async assignStateId({ id, version, stateId }: AssignStateIdInput): Promise<string> {
    await this.session.lock(id);
    if (!(await this.students.findById(id))) throw notFound('The student');
    const unknown = () =>
      reject(
        'V-049',
        'The identity authority does not know this id for this student: check with your Secure ID manager.',
        ['stateId'],
      );
    if (!STATE_ID.test(stateId)) throw unknown();
    try {
      await this.students.update(id, { stateId, lastActivityOn: this.session.today }, version);
    } catch (error) {
      throw databaseFault(error) === 'unique' ? unknown() : error;
    }
    await this.session.emit(studentChanged, id, {});
    return id;
  }

  private async checked(input: AddStudentInput): Promise<Placement> {
    checkProfile(input);
    checkCode(input.gender, GENDERS, 'gender');
    if (input.dateOfBirth > this.session.today)
      throw reject('C.1', 'The date of birth lies in the future.', ['dateOfBirth']);
    if (input.beginDate > this.session.today || input.beginDate < input.dateOfBirth) {
      throw reject('C.3', 'The jurisdiction must begin between the date of birth and today.', ['beginDate']);
    }
    // Everything that can refuse an add comes before the look beyond the scope, or a refused add would be a free look.
    StatusService.assertFirst(input.status ?? StudentStatus.REFERRED);
    return this.session.get(PlacementService).ofCaller(input.schoolId);
  }

  /** The id that the owner of today has given: each LEA has its own (SER-25). */
  private async setLocalId(studentId: string, localId: string | null): Promise<void> {
    const jurisdictions = this.session.get(JurisdictionRepository);
    const current = await jurisdictions.ofToday(studentId);
    if (!current) throw reject('V-052', 'The student has no open jurisdiction: claim it first.', ['localId']);
    await jurisdictions.update(current.id, { localId });
  }

  /** Records that may be this student, wherever they are. */
  private async findKnown(
    cross: Session,
    { stateId, lastName, dateOfBirth }: AddStudentInput,
    { stateOrgId }: Placement,
  ): Promise<Student[]> {
    const students = cross.get(StudentRepository);
    const same = await students.findBeyondScope(stateId);
    return [...(same ? [same] : []), ...(await students.findTwins(lastName, dateOfBirth, 5, stateOrgId))];
  }

  /** Null when another transaction took the unique id meanwhile. */
  private async createUnlessTaken(
    cross: Session,
    input: AddStudentInput,
    placement: Placement,
  ): Promise<string | null> {
    try {
      return await this.create(cross, input, placement);
    } catch (error) {
      if (databaseFault(error) === 'unique') return null;
      throw error;
    }
  }

  private async create(cross: Session, input: AddStudentInput, placement: Placement): Promise<string> {
    const id = newId();
    const { stateId, firstName, lastName, dateOfBirth, gender, gradeLevel, beginDate } = input;
    const [middleName, language] = [input.middleName ?? null, input.language ?? null];
    const status = input.status ?? StudentStatus.REFERRED;
    await cross.get(StudentRepository).insert({
      id,
      stateId,
      firstName,
      middleName,
      lastName,
      dateOfBirth,
      gender,
      gradeLevel,
      language,
      status,
      hidden: false,
      lastActivityOn: this.session.today,
      searchKey: searchKey(lastName, firstName),
      version: 1,
    });
    await this.session.lock(id);
    await this.session.get(JurisdictionService).openFirst(cross, id, placement, beginDate, input.localId ?? null);
    await this.session.get(StatusService).begin(cross, id, status, beginDate);
    await this.session.emit(studentChanged, id, {});
    return id;
  }
}

function checkProfile(input: { localId?: string | null; gradeLevel?: string | null }): void {
  checkTexts(input);
  checkCode(input.gradeLevel, GRADE_LEVELS, 'gradeLevel');
  checkLocalId(input.localId);
}
