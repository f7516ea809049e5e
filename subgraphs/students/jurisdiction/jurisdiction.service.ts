import { addDays, type CalendarDay } from '../../../platform/dates';
import { conflict, notFound, reject, type RuleError } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import { jurisdictionChanged } from '../events';
import { checkLocalId, checkTexts } from '../student/field-rules';
import { StatusRepository } from '../status/status.repository';
import { StudentRepository } from '../student/student.repository';
import { ComingClaimService } from './coming-claim.service';
import { JurisdictionAccess } from './jurisdiction-access';
import type { Jurisdiction } from './jurisdiction.entity';
import {
  CLAIM_WINDOW,
  type ClaimJurisdictionInput,
  type CloseJurisdictionInput,
  type TransferSchoolInput,
} from './jurisdiction.inputs';
import { JurisdictionRepository, SchoolPeriodRepository } from './jurisdiction.repository';
import { contactsOf } from './lea-contact';
import { type Placement, PlacementService } from './placement';
import { PublishedFactsRepository } from './published-facts.repository';

/** The owner that a claim was decided against; a claim that meets another one is a CONFLICT. */
export type SeenOwner = { studentId: string; jurisdictionId: string | null } | null;

export interface JurisdictionWrite {
  student: string;
  jurisdiction: string;
}

/**
 * What a claim did, and what the claimant has to know about it. A claim that the LEA has made already names the one that
 * stands, and no student.
 */
export interface Claimed {
  ids: { jurisdiction: string; student?: string };
  errors: RuleError[];
}

/** Who owns a student: the gap-free chain of domain C.3. */
export class JurisdictionService {
  constructor(private readonly session: Session) {}

  /** Who owns the student before the claim's transaction begins. Beyond the caller's scope, and never shown. */
  async seenOwner(stateId: string): Promise<SeenOwner> {
    const cross = this.session.crossScope('claim');
    const student = await cross.get(StudentRepository).findBeyondScope(stateId);
    if (!student) return null;
    const last = (await cross.get(JurisdictionRepository).lastBeyondScope([student.id])).get(student.id);
    return { studentId: student.id, jurisdictionId: last?.id ?? null };
  }

  /**
   * Takes a student over (C.3, SER-21..30). The student is reached by unique id, beyond the caller's scope. A claim for a
   * coming day leaves the present owner everything until the day before.
   * @returns V-046 with the claim that stands when the LEA has made one for a coming day already
   * @throws V-045 open services of another LEA; V-046 a begin date or LEA that can't be; CONFLICT when another LEA was faster
   */
  async claim(input: ClaimJurisdictionInput, seen: SeenOwner): Promise<Claimed> {
    checkTexts(input);
    checkLocalId(input.localId);
    const placement = await this.session.get(PlacementService).ofCaller(input.schoolId, input.leaId);
    const { daysAhead } = CLAIM_WINDOW;
    if (input.beginDate > addDays(this.session.today, daysAhead)) {
      throw reject('V-046', `The begin date must not lie more than ${daysAhead} days in the future.`, ['beginDate']);
    }
    if (!seen) throw notFound('The student');
    await this.session.lock(seen.studentId);
    const cross = this.session.crossScope('claim');
    const former =
      (await cross.get(JurisdictionRepository).lastBeyondScope([seen.studentId])).get(seen.studentId) ?? null;
    // A unique id is known in its own state only.
    if (former && former.stateOrgId !== placement.stateOrgId) throw notFound('The student');
    if ((former?.id ?? null) !== seen.jurisdictionId)
      throw conflict('Another LEA has claimed this student meanwhile. Look the student up again.');
    this.session.disclosures.add('student.card', [seen.studentId]);
    if (former && former.beginDate > this.session.today)
      return this.session.get(ComingClaimService).secondClaim(former, placement.leaId);
    await this.assertFollows(cross, former, placement, input.beginDate);
    await this.assertNoOpenServices(cross, seen.studentId, placement.leaId, 'stateId');
    await this.assertNothingRecorded(cross, former, input.beginDate);
    const ids = await this.takeOver(cross, former, seen.studentId, placement, input);
    return { ids, errors: this.notYet(ids.jurisdiction, input) };
  }

  /** The claimant sees nothing of the student before the first day: said, or it would look like a failure. */
  private notYet(claimId: string, { stateId, beginDate }: ClaimJurisdictionInput): RuleError[] {
    if (beginDate <= this.session.today) return [];
    const message = `Claim ${claimId} of the student ${stateId} stands. The student is yours, and is shown to you, from ${beginDate} on; until then the present owner keeps everything, and you can withdraw the claim.`;
    return [{ code: 'SER-24', message, path: ['beginDate'], severity: 'WARNING' }];
  }

  /** Opens the first jurisdiction of a student, in the transaction that adds the student. */
  async openFirst(
    cross: Session,
    studentId: string,
    placement: Placement,
    beginDate: CalendarDay,
    localId: string | null,
  ): Promise<Jurisdiction> {
    return this.open(cross, studentId, placement, beginDate, localId, null);
  }

  /** Moves a student to another school of the same LEA; open services don't matter (SER-31). */
  async transferSchool({ studentId, schoolId, beginDate }: TransferSchoolInput): Promise<JurisdictionWrite> {
    await this.session.lock(studentId);
    const current = await this.ownedNow(studentId);
    const placement = await this.session.get(PlacementService).inLea(current.leaId, schoolId);
    if (schoolId === current.schoolId)
      throw reject('SER-31', 'The student attends this school already: choose another one.', ['schoolId']);
    const periods = this.session.get(SchoolPeriodRepository);
    const period = await periods.open(current.id);
    if (beginDate > this.session.today)
      throw reject('SER-31', 'The first day at the new school must not lie in the future.', ['beginDate']);
    if (beginDate <= (period?.beginDate ?? current.beginDate)) {
      throw reject(
        'SER-31',
        `The first day must follow the first day at the present school, ${period?.beginDate ?? current.beginDate}.`,
        ['beginDate'],
      );
    }
    if (period) await periods.update(period.id, { endDate: addDays(beginDate, -1) });
    await periods.insert({ studentId, jurisdictionId: current.id, schoolId, beginDate, endDate: null });
    const jurisdictions = this.session.get(JurisdictionRepository);
    await jurisdictions.update(current.id, { schoolId });
    await this.session.get(StudentRepository).update(studentId, { lastActivityOn: this.session.today });
    await this.session.get(JurisdictionAccess).moveSchool(current, placement.school, beginDate);
    await this.announce('SCHOOL_TRANSFER', { ...current, schoolId }, current.leaId);
    return { student: studentId, jurisdiction: current.id };
  }

  /**
   * Ends a jurisdiction without a successor: the only gap that may be (C.3). Possible once an initial evaluation exists
   * (SER-61) and no service is open.
   */
  async close({ studentId, endDate }: CloseJurisdictionInput): Promise<JurisdictionWrite> {
    await this.session.lock(studentId);
    const current = await this.ownedNow(studentId);
    const school = await this.session.get(SchoolPeriodRepository).open(current.id);
    const earliest = school?.beginDate ?? current.beginDate;
    if (endDate > this.session.today || endDate < earliest)
      throw reject('V-046', `The last day must lie between ${earliest} and today.`, ['endDate']);
    const facts = this.session.get(PublishedFactsRepository);
    const recorded = await this.lastRecorded(this.session, studentId);
    if (recorded && recorded > endDate) {
      throw reject(
        'V-046',
        `Your LEA has recorded something of ${recorded}: the last day must not lie before, or the record would fall out of your period.`,
        ['endDate'],
      );
    }
    if (!(await facts.hasEvaluation(studentId)))
      throw reject('SER-61', 'A jurisdiction can be closed once the initial evaluation is entered.', ['studentId']);
    await this.assertNoOpenServices(this.session, studentId, null, 'studentId');
    // The caller may lose the student with this act: what follows is the named exception "leave".
    const cross = this.session.crossScope('leave');
    await this.endPeriod(cross, current, endDate);
    await cross.get(StudentRepository).update(studentId, { lastActivityOn: this.session.today });
    await cross.get(JurisdictionAccess).end(current, endDate);
    await this.announce('CLOSED', { ...current, endDate }, current.leaId);
    return { student: studentId, jurisdiction: current.id };
  }

  /** The jurisdiction of today of a student in scope, which nobody is about to take over. */
  private async ownedNow(studentId: string): Promise<Jurisdiction> {
    if (!(await this.session.get(StudentRepository).findById(studentId))) throw notFound('The student');
    const current = await this.session.get(JurisdictionRepository).ofToday(studentId);
    if (!current) throw reject('V-052', 'The student has no open jurisdiction: claim it first.', ['studentId']);
    if (current.openOf === null) throw await this.session.get(ComingClaimService).leaving(current, 'studentId');
    return current;
  }

  /** The last day of which somebody has recorded a meeting, an evaluation, a status, a service or a school. */
  private async lastRecorded(session: Session, studentId: string): Promise<CalendarDay | null> {
    const published = await session.get(PublishedFactsRepository).lastRecordedDay(studentId);
    const status = await session.get(StatusRepository).lastDay(studentId);
    return [published, status].reduce((last, day) => (day && (!last || day > last) ? day : last), null);
  }

  /** V-046: the chain grows at its end only (SER-22). The dates of the present owner are not told. */
  private async assertFollows(
    cross: Session,
    former: Jurisdiction | null,
    placement: Placement,
    beginDate: CalendarDay,
  ): Promise<void> {
    if (!former) return;
    if (former.openOf && former.leaId === placement.leaId) {
      throw reject('V-046', 'Your LEA owns this student already: use the school transfer to change the school.', [
        'stateId',
      ]);
    }
    if (former.endDate) {
      // A closed period was closed by its owner: any day after it is agreed to.
      if (beginDate > former.endDate) return;
      throw reject(
        'V-046',
        'The begin date must follow the last day of the former jurisdiction: correct the date, or ask the owning LEA.',
        ['beginDate'],
      );
    }
    const { daysBack } = CLAIM_WINDOW;
    if (beginDate < addDays(this.session.today, -daysBack)) {
      throw reject(
        'V-046',
        `A claim that begins more than ${daysBack} days ago needs the agreement of the owning LEA: let it close its jurisdiction with the earlier last day, then claim from the day after.`,
        ['beginDate'],
      );
    }
    const school = await cross.get(SchoolPeriodRepository).open(former.id);
    if (beginDate <= (school?.beginDate ?? former.beginDate)) {
      throw reject(
        'V-046',
        'The begin date must follow the first day of the present jurisdiction: correct the date, or ask the owning LEA.',
        ['beginDate'],
      );
    }
  }

  /** What the owner recorded stays in its period, or neither LEA's period would hold it: asked of back-dated claims. */
  private async assertNothingRecorded(
    cross: Session,
    former: Jurisdiction | null,
    beginDate: CalendarDay,
  ): Promise<void> {
    if (!former?.openOf || beginDate >= this.session.today) return;
    const recorded = await this.lastRecorded(cross, former.studentId);
    if (recorded && beginDate <= recorded) {
      throw reject(
        'V-046',
        'The owning LEA has recorded something of that day or a later one: begin later, or ask the owning LEA.',
        ['beginDate'],
      );
    }
  }

  /** V-045 (SER-28): names the LEA to be asked, and its contact (SER-29). Services of `ownLeaId` don't count. */
  private async assertNoOpenServices(
    session: Session,
    studentId: string,
    ownLeaId: string | null,
    path: string,
  ): Promise<void> {
    const open = await session.get(PublishedFactsRepository).leasWithOpenServices([studentId], this.session.today);
    const leaIds = open.map((row) => row.leaId).filter((leaId) => leaId !== ownLeaId);
    if (leaIds.length === 0) return;
    throw reject(
      'V-045',
      `The student has open services at ${await contactsOf(session, leaIds)}: they must be closed first.`,
      [path],
    );
  }

  /** All effects of a claim: they commit together. */
  private async takeOver(
    cross: Session,
    former: Jurisdiction | null,
    studentId: string,
    placement: Placement,
    { beginDate, localId }: ClaimJurisdictionInput,
  ): Promise<JurisdictionWrite> {
    if (former?.openOf) {
      const lastDay = addDays(beginDate, -1);
      await this.endPeriod(cross, former, lastDay);
      await cross.get(JurisdictionAccess).end(former, lastDay, placement);
    }
    const opened = await this.open(cross, studentId, placement, beginDate, localId ?? null, former);
    await cross.get(StudentRepository).update(studentId, { lastActivityOn: this.session.today });
    return { student: studentId, jurisdiction: opened.id };
  }

  private async endPeriod(session: Session, period: Jurisdiction, endDate: CalendarDay): Promise<void> {
    await session.get(JurisdictionRepository).update(period.id, { endDate, openOf: null });
    const periods = session.get(SchoolPeriodRepository);
    const school = await periods.open(period.id);
    if (school) await periods.update(school.id, { endDate });
  }

  private async open(
    cross: Session,
    studentId: string,
    { leaId, selpaId, stateOrgId, school }: Placement,
    beginDate: CalendarDay,
    localId: string | null,
    former: Jurisdiction | null,
  ): Promise<Jurisdiction> {
    const jurisdiction = await cross.get(JurisdictionRepository).insert({
      id: newId(),
      studentId,
      leaId,
      selpaId,
      stateOrgId,
      schoolId: school.id,
      localId,
      beginDate,
      endDate: null,
      openOf: studentId,
      tookFromId: former?.openOf ? former.id : null,
      withdrawnAt: null,
      withdrawnBy: null,
    });
    await cross
      .get(SchoolPeriodRepository)
      .insert({ studentId, jurisdictionId: jurisdiction.id, schoolId: school.id, beginDate, endDate: null });
    await cross.get(JurisdictionAccess).open(jurisdiction, school);
    await this.announce(former ? 'CLAIMED' : 'OPENED', jurisdiction, former?.leaId ?? null);
    return jurisdiction;
  }

  private announce(
    change: 'OPENED' | 'CLAIMED' | 'SCHOOL_TRANSFER' | 'CLOSED',
    row: Jurisdiction,
    formerLeaId: string | null,
  ): Promise<void> {
    const { leaId, schoolId, beginDate, endDate } = row;
    return this.session.emit(jurisdictionChanged, row.studentId, {
      change,
      leaId,
      schoolId,
      formerLeaId,
      beginDate,
      endDate,
    });
  }
}
