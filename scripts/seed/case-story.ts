import { addDays, type CalendarDay } from '../../platform/dates';
import { MEETING_KINDS } from '../../subgraphs/iep/document/meeting-kinds';
import { IepState, MeetingKind, MeetingPurpose, SignatureOutcome } from '../../subgraphs/iep/document/iep-codes';
import { EvaluationKind, EvaluationState, ParentDecision } from '../../subgraphs/iep/evaluation/evaluation-codes';
import { ExitReason, NonParticipationReason } from '../../subgraphs/students/status/exit-reasons';
import { StudentStatus } from '../../subgraphs/students/status/student-status';
import type { StatusBundle } from '../../subgraphs/students/student/load-students';
import { CaseRecord, type Team } from './case-record';
import type { Placement, Staff } from './student-case';
import { EMPTY_LEVELS } from './wording';

/**
 * Tells the life of one record, act by act, in the words of the field; what comes out is what the product itself would have
 * left behind (domain C.1 to C.5). Acts are told in the order in which they happened.
 */
export class CaseStory extends CaseRecord {
  // ── status and evaluation ──

  status(status: StudentStatus, effectiveOn: CalendarDay, more: Partial<StatusBundle> = {}): this {
    const { statuses } = this.told.student;
    statuses.push({ id: `sta-${this.key}-${statuses.length + 1}`, status, effectiveOn, ...more });
    return this;
  }

  refer(on: CalendarDay): this {
    return this.status(StudentStatus.REFERRED, on);
  }

  /** The parent consents to an evaluation; a case manager takes over. */
  consent(on: CalendarDay, kind = EvaluationKind.INITIAL): this {
    this.addEvaluation({
      kind,
      state: EvaluationState.IN_PROGRESS,
      requestedOn: addDays(on, -12),
      parentDecision: ParentDecision.YES,
      decidedOn: on,
    });
    this.manageFrom(on);
    return this.status(StudentStatus.PENDING, on);
  }

  /** The parent refuses: nothing may be reported about the student (C.1). */
  refuse(on: CalendarDay): this {
    this.addEvaluation({
      kind: EvaluationKind.INITIAL,
      state: EvaluationState.REFUSED,
      requestedOn: addDays(on, -12),
      parentDecision: ParentDecision.NO,
      decidedOn: on,
    });
    return this.status(StudentStatus.INACTIVE_NOT_REPORTED, on);
  }

  /** The open evaluation comes to its result. */
  evaluated(on: CalendarDay, eligible = true): this {
    const primaryDisability = eligible ? this.start.disability : null;
    Object.assign(this.told.evaluations.at(-1)!, {
      state: EvaluationState.ELIGIBILITY_DECIDED,
      completedOn: on,
      primaryDisability,
    });
    return this;
  }

  /** Came with a plan of another system, of which only the last evaluation and the status are known. */
  transferredIn(on: CalendarDay, evaluatedOn: CalendarDay): this {
    this.manageFrom(on);
    this.addEvaluation({ kind: EvaluationKind.REEVALUATION, state: EvaluationState.IN_PROGRESS, requestedOn: on });
    this.openActivity(on, null);
    return this.evaluated(evaluatedOn).status(StudentStatus.ELIGIBLE_ACTIVE, on);
  }

  /** A re-evaluation, as part of a triennial review. */
  reevaluated(on: CalendarDay): this {
    return this.reevaluating(addDays(on, -50)).evaluated(on);
  }

  /** A re-evaluation that is under way. */
  reevaluating(since: CalendarDay): this {
    const reason = 'Three years have passed since the last evaluation.';
    this.addEvaluation({
      kind: EvaluationKind.REEVALUATION,
      state: EvaluationState.IN_PROGRESS,
      requestedOn: since,
      decidedOn: since,
      reason,
    });
    return this;
  }

  // ── documents ──

  /** A plan that the parents agreed to: it replaces the one before, with its services. */
  agreed(kind: MeetingKind, on: CalendarDay): this {
    const planReviewDate = MEETING_KINDS[kind].planReview ? on : (this.inForce?.planReviewDate ?? on);
    const document = this.affirm(kind, on, SignatureOutcome.AGREE_ALL, { planReviewDate });
    this.endServices(addDays(on, -1), 'IEP_CHANGE');
    for (const planned of this.plannedOn(on)) this.serve(planned, document, on);
    if (this.told.student.statuses.at(-1)?.status !== StudentStatus.ELIGIBLE_ACTIVE)
      this.status(StudentStatus.ELIGIBLE_ACTIVE, on);
    this.openActivity(on, document.id);
    return this;
  }

  /** The parents decline initial services: eligible, without a plan. */
  declined(on: CalendarDay): this {
    this.affirm(MeetingKind.PART_B_INITIAL, on, SignatureOutcome.DECLINE_INITIAL_SERVICES);
    return this.status(StudentStatus.ELIGIBLE_NO_PLAN, on, {
      nonParticipationReason: NonParticipationReason.DECLINED_FAPE,
    });
  }

  notEligible(on: CalendarDay): this {
    const document = this.affirm(MeetingKind.PART_B_INITIAL, on, SignatureOutcome.NOT_ELIGIBLE_ACK);
    this.endAssignments(on);
    Object.assign(document, { goals: [], forms: { ...document.forms, offer: {} } });
    return this.status(StudentStatus.INELIGIBLE, on);
  }

  /** A review whose offer the parents did not sign: the plan before stays put (SEIS-74, SEIS-75). */
  offerUnsigned(on: CalendarDay): this {
    const planReviewDate = this.inForce?.planReviewDate ?? null;
    const purposes = [MeetingPurpose.ANNUAL, MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE];
    const purposeText = 'The final offer was made; the parents did not sign it.';
    this.affirm(MeetingKind.ANNUAL, on, SignatureOutcome.REFUSED, { planReviewDate, purposes, purposeText });
    return this;
  }

  /** The next IEP, being prepared. An incomplete one still has findings. */
  draft(kind: MeetingKind, openedOn: CalendarDay, { complete = true }: { complete?: boolean } = {}): this {
    const document = this.addDocument(kind, IepState.DRAFT, openedOn, null, null);
    if (!complete) Object.assign(document, { goals: [], forms: { ...document.forms, presentLevels: EMPTY_LEVELS } });
    this.propose(document, addDays(this.start.today, 21));
    return this;
  }

  /** A meeting that was held and awaits affirmation. */
  review(kind: MeetingKind, heldOn: CalendarDay, signature: SignatureOutcome = SignatureOutcome.AGREE_ALL): this {
    const document = this.addDocument(kind, IepState.IN_REVIEW, addDays(heldOn, -14), heldOn, signature);
    this.propose(document, heldOn);
    return this;
  }

  /** An amendment that is being prepared: the meeting date stays (SER-95). */
  amending(openedOn: CalendarDay): this {
    this.addAmendment(IepState.AMENDED_DRAFT, openedOn, null);
    return this;
  }

  /** An amendment in force: one service ends, another takes its place, the others go on. */
  amended(on: CalendarDay): this {
    const planReviewDate = this.inForce!.planReviewDate;
    const document = this.addAmendment(IepState.CURRENT, addDays(on, -6), SignatureOutcome.AGREE_ALL);
    Object.assign(document, { planReviewDate, affirmed: this.affirmation(on) });
    const [changed, ...carried] = this.activeServices;
    for (const service of carried) {
      service.earlierPlans.push(service.iepId);
      service.iepId = document.id;
    }
    if (!changed) return this;
    this.endService(changed, addDays(on, -1), 'IEP_CHANGE');
    this.serve({ ...changed, location: changed.location ?? '', minutes: changed.minutes + 30 }, document, on);
    return this;
  }

  /** An amendment that the parents did not agree to. */
  amendmentRefused(openedOn: CalendarDay): this {
    this.addAmendment(IepState.CLOSED_NO_AGREEMENT, openedOn, SignatureOutcome.REFUSED);
    return this;
  }

  /** SER: the official document was submitted (SER-86). */
  submitted(): this {
    if (this.current) this.current.submittedToState = true;
    return this;
  }

  // ── services and people ──

  /** An extra row of the first service, with another frequency, that is not reported (SEIS-73). */
  doNotReport(): this {
    const main = this.activeServices[0]!;
    const { code, delivery, location, startDate } = main;
    const frequency = main.frequency === 'MONTHLY' ? 'YEARLY' : 'MONTHLY';
    const extra = this.serve(
      { code, delivery, location: location ?? '', frequency, minutes: 60 },
      this.current!,
      startDate,
    );
    Object.assign(extra, { doNotReport: true, parentServiceId: main.id });
    return this;
  }

  /** SESIS: somebody has met the student for each mandated service (SESIS-16). */
  firstAttended(by: Staff, on: CalendarDay): this {
    for (const { id, startDate } of this.activeServices) {
      this.told.firstAttends.push({
        serviceId: id,
        studentId: this.told.student.id,
        providerId: by.providerId,
        attendedOn: on < startDate ? startDate : on,
      });
    }
    return this;
  }

  /** Cessation of services; the student stays in the district (SIRAS-114). */
  ceased(on: CalendarDay): this {
    this.endServices(on, 'PARENT_REQUEST');
    this.endActivity(on, ExitReason.PARENT_WITHDRAWAL);
    return this.status(StudentStatus.ELIGIBLE_NO_PLAN, on, {
      nonParticipationReason: NonParticipationReason.CESSATION,
      priorWrittenNoticeOn: addDays(on, -10),
    });
  }

  exit(on: CalendarDay, exitReason: ExitReason, nonParticipationReason: NonParticipationReason | null = null): this {
    this.endServices(on, exitReason === ExitReason.MOVED_CONTINUING ? 'MOVED' : 'EXITED_SPED');
    this.endAssignments(on);
    this.endActivity(on, exitReason);
    return this.status(StudentStatus.EXITED, on, {
      exitReason,
      nonParticipationReason,
      priorWrittenNoticeOn: addDays(on, -14),
    });
  }

  // ── jurisdiction ──

  /** Another LEA takes over: services and assignments of the former owner end the day before (C.3). */
  moved(placement: Placement, team: Team): this {
    const lastDay = addDays(placement.beginDate, -1);
    this.leave(lastDay);
    this.place(placement);
    this.team = team;
    this.manageFrom(placement.beginDate);
    return this;
  }

  /** Closes the jurisdiction without a successor: the only gap that the chain may have. */
  leave(lastDay: CalendarDay): this {
    this.endServices(lastDay, 'MOVED');
    this.endAssignments(lastDay);
    this.told.student.jurisdictions.at(-1)!.endDate = lastDay;
    return this;
  }
}
