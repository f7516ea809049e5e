import { ageOn, type CalendarDay } from '../../../platform/dates';
import { notFound, type Rejection, reject } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import { scopeDateOf } from '../../../platform/scope/scope-date';
import type { Session } from '../../../platform/scope/session';
import { type IepAffirmed, spedActivityChanged, statusChanged } from '../events';
import { GuardianRepository } from '../guardian/guardian.repository';
import { JurisdictionRepository } from '../jurisdiction/jurisdiction.repository';
import { PublishedFactsRepository } from '../jurisdiction/published-facts.repository';
import type { Student } from '../student/student.entity';
import { StudentRepository } from '../student/student.repository';
import { EXIT_RULES, type ExitReason, type NonParticipationReason } from './exit-reasons';
import { SpedActivityRepository, StatusRepository } from './status.repository';
import {
  findTransition,
  INACTIVE_STATUSES,
  type StatusGuard,
  StudentStatus,
  type StatusTrigger,
} from './student-status';

/** A determination as it is asked for. */
export interface Determination {
  status: StudentStatus;
  effectiveOn?: CalendarDay | null;
  exitReason?: ExitReason | null;
  nonParticipationReason?: NonParticipationReason | null;
  priorWrittenNoticeOn?: CalendarDay | null;
  stillResident?: boolean | null;
  postedError?: string | null;
  note?: string | null;
  correctsId?: string | null;
  correctionReason?: string | null;
}

const ADULT = 18;

/** The status history: appended by the table of domain C.1, never changed (SIRAS-62). The caller holds the student's lock. */
export class StatusService {
  constructor(private readonly session: Session) {}

  /** @throws C.1 for a status in which no student begins */
  static assertFirst(status: StudentStatus): void {
    if (!findTransition(null, status, 'ADD_STUDENT'))
      throw reject('C.1', 'A new student begins as REFERRED or PENDING.', ['status']);
  }

  /** The first status of a new student. */
  async begin(cross: Session, studentId: string, status: StudentStatus, effectiveOn: CalendarDay): Promise<void> {
    StatusService.assertFirst(status);
    await this.append(cross, studentId, { status }, effectiveOn, 'ADD_STUDENT');
  }

  /**
   * Appends a determination of a person after all rules.
   * @throws V-041, V-042, V-043, V-052 and the guards of the transition
   */
  async determine(student: Student, wanted: Determination, by: StatusTrigger): Promise<void> {
    const last = await this.session.get(StatusRepository).last(student.id);
    const from = last?.status ?? student.status;
    const corrects = wanted.correctsId ? await this.corrected(student.id, wanted) : false;
    const guards = corrects ? [] : this.guardsOf(from, wanted.status, by);
    assertComplete(wanted, student);
    const effectiveOn = wanted.effectiveOn ?? this.session.today;
    if (effectiveOn > this.session.today)
      throw reject('C.1', 'A status must not begin in the future.', ['effectiveOn']);
    const own = await this.session.get(JurisdictionRepository).ofToday(student.id);
    if ((!corrects || wanted.status === StudentStatus.EXITED) && own && effectiveOn < own.beginDate) {
      throw reject(
        'C.1',
        `Your jurisdiction begins on ${own.beginDate}: what was determined before is its former owner’s to record.`,
        ['effectiveOn'],
      );
    }
    if (!corrects && last && effectiveOn < last.effectiveOn) {
      throw reject(
        'V-043',
        `A status from ${last.effectiveOn} is on file; an earlier one would replace it. Append a later one, or correct the entry.`,
        ['effectiveOn'],
      );
    }
    for (const guard of guards) await this.check(guard, student, wanted, effectiveOn);
    await this.append(this.session, student.id, wanted, effectiveOn, corrects ? 'CORRECTION' : by);
    if (wanted.status === StudentStatus.EXITED)
      await this.closeActivity(student.id, effectiveOn, wanted.exitReason ?? null);
  }

  /** What an affirmed IEP means for status and sped activity; nothing happens twice. */
  async applyIep(
    studentId: string,
    iep: Pick<IepAffirmed, 'iepId' | 'meetingDate' | 'affirmedOn' | 'agreed' | 'eligible'>,
  ): Promise<void> {
    const last = await this.session.get(StatusRepository).last(studentId);
    if (!last) return;
    const effectiveOn = iep.meetingDate > last.effectiveOn ? iep.meetingDate : last.effectiveOn;
    const to = iep.eligible ? StudentStatus.ELIGIBLE_ACTIVE : StudentStatus.INELIGIBLE;
    const moves = (iep.agreed || !iep.eligible) && findTransition(last.status, to, 'IEP_AFFIRMED');
    if (moves) await this.append(this.session, studentId, { status: to }, effectiveOn, 'IEP_AFFIRMED', iep.affirmedOn);
    if (iep.agreed && iep.eligible) await this.openActivity(studentId, iep);
  }

  private guardsOf(from: StudentStatus, to: StudentStatus, by: StatusTrigger): readonly StatusGuard[] {
    const row = findTransition(from, to, by);
    if (!row)
      throw reject(
        'C.1',
        `A student who is ${from} can't become ${to} this way. A wrong entry is corrected by naming it and the error.`,
        ['status'],
      );
    return row.guards ?? [];
  }

  /** V-043: an entry is replaced only for a valid error, and only by a further entry. */
  private async corrected(studentId: string, { correctsId, correctionReason }: Determination): Promise<true> {
    if (!(await this.session.get(StatusRepository).findIn(studentId, correctsId!))) throw notFound('The status entry');
    if (!correctionReason?.trim())
      throw reject('V-043', 'A status entry may not be replaced without a valid error: say what was wrong.', [
        'correctionReason',
      ]);
    return true;
  }

  private async check(
    guard: StatusGuard,
    student: Student,
    wanted: Determination,
    effectiveOn: CalendarDay,
  ): Promise<void> {
    const broken = await this.broken(guard, student, wanted, effectiveOn);
    if (broken) throw broken;
  }

  private async broken(
    guard: StatusGuard,
    student: Student,
    wanted: Determination,
    effectiveOn: CalendarDay,
  ): Promise<Rejection | null> {
    const facts = this.session.get(PublishedFactsRepository);
    switch (guard) {
      case 'AGREED_IEP':
        return (await facts.hasCurrentIep(student.id))
          ? null
          : reject('C.1', 'Eligible and active needs an affirmed IEP in force: affirm it first.', ['status']);
      case 'NO_OPEN_SERVICES': {
        const open = await facts.leasWithOpenServices([student.id], this.session.today);
        if (open.length > 0) return reject('C.7', 'The student has open services: terminate them first.', ['status']);
        const lastDay = await facts.lastServiceDay(student.id);
        return lastDay && effectiveOn < lastDay
          ? reject('C.7', `The date must not lie before the last day of service, ${lastDay}.`, ['effectiveOn'])
          : null;
      }
      case 'PRIOR_WRITTEN_NOTICE':
        return needsNotice(wanted) && !wanted.priorWrittenNoticeOn
          ? reject(
              'V-042',
              'Cessation or withdrawal of a student who still lives here needs a prior written notice: enter its date.',
              ['priorWrittenNoticeOn'],
            )
          : null;
      case 'POSTED_ERROR':
        return wanted.postedError?.trim()
          ? null
          : reject(
              'SIRAS-61',
              '"Not enrolled" follows only an enrolment error that the state posted: enter its code.',
              ['postedError'],
            );
      case 'CONTACTS': {
        if (ageOn(student.dateOfBirth, this.session.today) >= ADULT) return null;
        const guardians = await this.session.get(GuardianRepository).findByStudents([student.id]);
        return guardians.length > 0 ? null : reject('V-052', 'Save a parent or guardian first.', ['studentId']);
      }
    }
  }

  private async append(
    session: Session,
    studentId: string,
    wanted: Determination,
    effectiveOn: CalendarDay,
    source: string,
    actedOn: CalendarDay = session.today,
  ): Promise<void> {
    const { status } = wanted;
    const note = [wanted.postedError && `Posted error ${wanted.postedError}.`, wanted.correctionReason, wanted.note]
      .filter(Boolean)
      .join(' ');
    await session.get(StatusRepository).insert({
      id: newId(),
      studentId,
      status,
      effectiveOn,
      scopeDate: await scopeDateOf(session, studentId, effectiveOn, actedOn),
      source,
      exitReason: wanted.exitReason ?? null,
      nonParticipationReason: wanted.nonParticipationReason ?? null,
      priorWrittenNoticeOn: wanted.priorWrittenNoticeOn ?? null,
      note: note.slice(0, 500) || null,
      correctsId: wanted.correctsId ?? null,
      recordedAt: session.now,
      recordedBy: session.principal.subject,
    });
    const hidden = status === StudentStatus.INACTIVE_NOT_REPORTED;
    await session.get(StudentRepository).update(studentId, { status, hidden, lastActivityOn: session.today });
    await session.emit(statusChanged, studentId, { status, effectiveOn });
  }

  /** SER-114: opened by the initial IEP, or by the first one after an exit. The entry is set once. */
  private async openActivity(
    studentId: string,
    { iepId, meetingDate: on, affirmedOn }: Pick<IepAffirmed, 'iepId' | 'meetingDate' | 'affirmedOn'>,
  ): Promise<void> {
    const activities = this.session.get(SpedActivityRepository);
    if (await activities.open(studentId)) return;
    const scopeDate = await scopeDateOf(this.session, studentId, on, affirmedOn);
    const period = { entryOn: on, scopeDate, exitOn: null, exitReason: null };
    await activities.insert({ studentId, ...period, iepId, openOf: studentId });
    await this.session.emit(spedActivityChanged, studentId, { opened: true, on });
  }

  private async closeActivity(studentId: string, on: CalendarDay, exitReason: ExitReason | null): Promise<void> {
    const activities = this.session.get(SpedActivityRepository);
    const open = await activities.open(studentId);
    if (!open) return;
    if (on < open.entryOn)
      throw reject('C.7', `The exit must not lie before the entry, ${open.entryOn}.`, ['effectiveOn']);
    await activities.update(open.id, { exitOn: on, exitReason, openOf: null });
    await this.session.emit(spedActivityChanged, studentId, { opened: false, on });
  }
}

/** V-041: an inactive record needs date, type and, when it is reported, a non-participation reason (SIRAS-38, SIRAS-65). */
function assertComplete(wanted: Determination, student: Student): void {
  if (!INACTIVE_STATUSES.includes(wanted.status)) return;
  if (!wanted.effectiveOn) throw reject('V-041', 'An inactive record needs its date.', ['effectiveOn']);
  if (wanted.status === StudentStatus.EXITED) {
    if (!wanted.exitReason)
      throw reject('V-041', 'An inactive record needs its type: enter the exit reason.', ['exitReason']);
    const rule = EXIT_RULES[wanted.exitReason];
    if (rule.minimumAge && ageOn(student.dateOfBirth, wanted.effectiveOn) < rule.minimumAge) {
      throw reject('C.7', `This exit reason holds from the age of ${rule.minimumAge} on.`, ['exitReason']);
    }
    if (!rule.reported) return;
  } else if (wanted.status === StudentStatus.INACTIVE_NOT_REPORTED) return;
  if (!wanted.nonParticipationReason)
    throw reject('V-041', 'A reported inactive record needs a non-participation reason.', ['nonParticipationReason']);
}

/** SIRAS-114: somebody who still lives here, and ceases or withdraws. */
function needsNotice({ status, exitReason, stillResident }: Determination): boolean {
  if (stillResident === false) return false;
  return status === StudentStatus.EXITED && exitReason
    ? EXIT_RULES[exitReason].priorWrittenNotice
    : status === StudentStatus.ELIGIBLE_NO_PLAN;
}
