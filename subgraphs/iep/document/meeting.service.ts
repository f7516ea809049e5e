import type { CalendarDay } from '../../../platform/dates';
import { reject } from '../../../platform/errors';
import { scopeDateOf } from '../../../platform/scope/scope-date';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { iepChanged } from '../events';
import type { FormRecord } from '../form/form.entity';
import { FormRepository } from '../form/form.repository';
import { type FormContents, parseContent } from '../form/form-content';
import { IepFormKind, ParticipantRole } from '../form/form-codes';
import { asRuleError } from '../validation/check-iep';
import { IepCheckService } from '../validation/iep-check.service';
import { lockedIep, redate, stateAfter } from './iep-access';
import type { Iep } from './iep.entity';
import type { HoldMeetingInput, PlanMeetingInput } from './iep.inputs';
import { IepRepository } from './iep.repository';
import { IepState, MeetingKind } from './iep-codes';

const SPEAKS_FOR_THE_STUDENT: readonly ParticipantRole[] = [ParticipantRole.PARENT, ParticipantRole.ADULT_STUDENT];

/**
 * @param instead what to do about a meeting that was held on such a day
 * @throws C.2 when the day is over: a meeting that was held is recorded, not planned
 */
export function assertPlannable(session: Session, day: CalendarDay | null, instead: string): void {
  if (day && day < session.today)
    throw reject('C.2', `The planned day, ${day}, is over: only today or a later day is planned. ${instead}`, [
      'plannedMeetingDate',
    ]);
}

/** Plans meetings, and records them: the first session, and the further ones of a meeting that was tabled or continued. */
export class MeetingService {
  constructor(private readonly session: Session) {}

  /** Sets, moves or takes back the planned day of a session that has not been held. It decides V-015 until then. */
  async plan({ iepId, version, plannedMeetingDate = null }: PlanMeetingInput): Promise<WriteResult> {
    const iep = await lockedIep(this.session, iepId);
    stateAfter(iep, 'EDIT', ['iepId']);
    if (iep.heldOn) throw reject('C.2', `This meeting was held on ${iep.heldOn}.`, ['plannedMeetingDate']);
    assertPlannable(this.session, plannedMeetingDate, 'If the meeting was held on it, record it with holdMeeting.');
    await this.session.get(IepRepository).update(iep.id, { plannedMeetingDate }, version);
    return { ids: { iep: iep.id } };
  }

  /** Meeting held: DRAFT → IN_REVIEW, with its day and its participants (domain C.2). */
  async hold(input: HoldMeetingInput): Promise<WriteResult> {
    const iep = await lockedIep(this.session, input.iepId);
    const state = stateAfter(iep, 'HOLD_MEETING', ['iepId']);
    this.checkDates(iep, input);
    await this.recordParticipants(iep, input);
    const days = this.days(iep, input);
    const ieps = this.session.get(IepRepository);
    await ieps.update(iep.id, { state, ...days }, input.version);
    await redate(this.session, iep, await scopeDateOf(this.session, iep.studentId, days.meetingDate));
    const held = (await ieps.findById(iep.id))!;
    const findings = await this.session.get(IepCheckService).checkAndMark(held);
    await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state });
    return { ids: { iep: iep.id }, errors: findings.filter((one) => one.rule.id === 'V-024').map(asRuleError) };
  }

  private checkDates(iep: Iep, { meetingDate, reconvenedOn }: HoldMeetingInput): void {
    const { today } = this.session;
    if (meetingDate > today)
      throw reject('C.2', 'The meeting date lies in the future: a meeting is recorded when it was held.', [
        'meetingDate',
      ]);
    if (reconvenedOn && (reconvenedOn > today || reconvenedOn < meetingDate)) {
      throw reject('C.2', 'The further session lies between the meeting date and today.', ['reconvenedOn']);
    }
    if (iep.meetingDate && meetingDate !== iep.meetingDate) {
      if (iep.kind === MeetingKind.AMENDMENT) {
        throw reject('V-061', `The team meeting date stays ${iep.meetingDate} in an amendment.`, ['meetingDate']);
      }
      throw reject('V-023', `A reconvened or continued meeting keeps its date, ${iep.meetingDate}.`, ['meetingDate']);
    }
    if (iep.state === IepState.IN_REVIEW && !reconvenedOn) {
      throw reject('SEIS-91', 'This meeting is recorded already. Give the day on which it was reconvened.', [
        'reconvenedOn',
      ]);
    }
  }

  /** The first session gives the dates; a further one leaves them and adds its own. */
  private days(iep: Iep, { meetingDate, reconvenedOn }: HoldMeetingInput) {
    const { today } = this.session;
    if (iep.state === IepState.IN_REVIEW) return { meetingDate, heldOn: iep.heldOn, reconvenedOn: reconvenedOn! };
    if (iep.kind === MeetingKind.AMENDMENT) return { meetingDate, heldOn: reconvenedOn ?? today, reconvenedOn: null };
    if (iep.continuation) return { meetingDate, heldOn: reconvenedOn ?? today, reconvenedOn: reconvenedOn ?? today };
    return { meetingDate, heldOn: meetingDate, reconvenedOn: reconvenedOn ?? null };
  }

  private async recordParticipants(iep: Iep, input: HoldMeetingInput): Promise<void> {
    const forms = this.session.get(FormRepository);
    const form = (await forms.findByKind(iep.id, IepFormKind.PARTICIPANTS)) as FormRecord;
    const known = form.content as FormContents['PARTICIPANTS'];
    const content = parseContent(
      IepFormKind.PARTICIPANTS,
      {
        ...known,
        participants: input.participants ?? known.participants,
        parentAbsence: input.parentAbsence ?? known.parentAbsence,
      },
      'participants',
    );
    const present = content.participants.filter((participant) => participant.attended);
    if (present.length === 0) throw reject('C.2', 'Record who attended the meeting.', ['participants']);
    const isParentThere = present.some((participant) => SPEAKS_FOR_THE_STUDENT.includes(participant.role));
    if (!isParentThere && !content.parentAbsence) {
      throw reject(
        'V-021',
        'A meeting without the parent can’t record decisions: hold it with the parent, or say why the parent was absent.',
        ['parentAbsence'],
      );
    }
    if (input.participants || input.parentAbsence) await forms.update(form.id, { content }, form.version);
  }
}
