import { reject } from '../../../platform/errors';
import type { Page, PageArgs } from '../../../platform/graphql/connection';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { scopeDateOf } from '../../../platform/scope/scope-date';
import type { Session } from '../../../platform/scope/session';
import { iepChanged } from '../events';
import { contentOf, type FormRecord } from '../form/form.entity';
import { FormRepository } from '../form/form.repository';
import { emptyContent, type FormContent } from '../form/form-content';
import { IepFormKind, ValidationMark } from '../form/form-codes';
import { GoalRepository } from '../goal/goal.repository';
import { IepCheckService } from '../validation/iep-check.service';
import { wayToAgree } from './agreeing';
import { lockedIep, stateAfter } from './iep-access';
import { Iep } from './iep.entity';
import type {
  AmendIepInput,
  ContinueIepInput,
  IepFilter,
  StartIepInput,
  SubmitIepInput,
  ValidateIepInput,
} from './iep.inputs';
import { IepRepository } from './iep.repository';
import { IepState, MeetingKind, MeetingPurpose } from './iep-codes';
import { MEETING_KINDS } from './meeting-kinds';
import { assertPlannable } from './meeting.service';
import { assertStudentInScope } from './open-scope';

/** The answers belong to one meeting: a copy begins without them. */
const NOT_COPIED_TO_NEXT: readonly IepFormKind[] = [IepFormKind.PARTICIPANTS, IepFormKind.NOTES, IepFormKind.AMENDMENT];

/** Opening, amending, continuing, checking and submitting IEPs. Meetings and affirmation have services of their own. */
export class IepService {
  constructor(private readonly session: Session) {}

  /** IEPs within the caller's scope, the newest first: unaffirmed, unsigned, left over … */
  list(filter: IepFilter, args: PageArgs): Promise<Page<Iep>> {
    return this.session.get(IepRepository).listPage(filter, args);
  }

  /** Earlier affirmed IEPs of a student (SEIS-51). */
  history(studentId: string, args: PageArgs): Promise<Page<Iep>> {
    return this.session.get(IepRepository).historyPage(studentId, args);
  }

  /** Opens the student's one editable IEP; the current one's content is copied in (domain C.2, "– → DRAFT"). */
  async start({ studentId, kind, plannedMeetingDate = null }: StartIepInput): Promise<WriteResult> {
    await this.session.lock(studentId);
    await assertStudentInScope(this.session, studentId);
    if (kind === MeetingKind.AMENDMENT) throw reject('SER-88', 'An affirmed IEP is amended with amendIep.', ['kind']);
    const instead =
      'If the meeting was held on it, start the IEP without plannedMeetingDate, and record the meeting with holdMeeting.';
    assertPlannable(this.session, plannedMeetingDate, instead);
    const rule = MEETING_KINDS[kind];
    await this.assertNoneOpen(studentId);
    const ieps = this.session.get(IepRepository);
    if (rule.needsAgreedPlan && !(await ieps.findInForce(studentId))) {
      throw reject('SIRAS-58', 'A plan review needs a plan that was agreed to. Open the initial meeting instead.', [
        'kind',
      ]);
    }
    const [current] = await ieps.findCurrent([studentId]);
    const iep = await this.open(
      { studentId, kind, state: IepState.DRAFT, plannedMeetingDate },
      rule.forms,
      current ?? null,
      NOT_COPIED_TO_NEXT,
    );
    return this.opened(iep);
  }

  /** Opens an amendment: number + 1, no limit; the team meeting date stays (SER-89 to SER-96). */
  async amend({ iepId, meetingDate }: AmendIepInput): Promise<WriteResult> {
    const parent = await lockedIep(this.session, iepId);
    stateAfter(parent, 'AMEND', ['iepId']);
    if (!parent.agreed) {
      const message = `The parents have not agreed to this plan, and only an agreed plan is amended. ${wayToAgree(parent)}`;
      throw reject('V-007', message, ['iepId']);
    }
    if (meetingDate && meetingDate !== parent.meetingDate) {
      throw reject('V-061', `The team meeting date stays ${parent.meetingDate} in an amendment.`, ['meetingDate']);
    }
    await this.assertNoneOpen(parent.studentId);
    const values = {
      studentId: parent.studentId,
      kind: MeetingKind.AMENDMENT,
      state: IepState.AMENDED_DRAFT,
      parentIepId: parent.id,
      amendmentNumber: parent.amendmentNumber + 1,
      meetingDate: parent.meetingDate,
    };
    const iep = await this.open(values, MEETING_KINDS.AMENDMENT.forms, parent, NOT_COPIED_TO_NEXT);
    return this.opened(iep);
  }

  /** Moves the forms of an affirmed IEP back into the editable one; the meeting date stays (SEIS-77, SEIS-78). */
  async continue({ iepId, meetingDate }: ContinueIepInput): Promise<WriteResult> {
    const parent = await lockedIep(this.session, iepId);
    stateAfter(parent, 'CONTINUE', ['iepId']);
    if (parent.purposes.includes(MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE)) {
      throw reject('SEIS-75', 'The final offer closed this meeting. The next IEP starts as usual, with startIep.', [
        'iepId',
      ]);
    }
    if (meetingDate && meetingDate !== parent.meetingDate) {
      throw reject('V-023', `A continued meeting keeps its date, ${parent.meetingDate}.`, ['meetingDate']);
    }
    await this.assertNoneOpen(parent.studentId);
    const values = {
      studentId: parent.studentId,
      kind: parent.kind,
      state: IepState.DRAFT,
      parentIepId: parent.id,
      continuation: true,
      amendmentNumber: parent.amendmentNumber,
      meetingDate: parent.meetingDate,
    };
    const iep = await this.open(values, MEETING_KINDS[parent.kind].forms, parent, []);
    return this.opened(iep);
  }

  /** Runs the error check and keeps the marks; an affirmed document is checked and left as it is. */
  async validate({ iepId }: ValidateIepInput): Promise<WriteResult> {
    const iep = await lockedIep(this.session, iepId);
    if (iep.futureOf) {
      await this.session.get(IepCheckService).checkAndMark(iep);
      await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state: iep.state });
    }
    return { ids: { iep: iep.id } };
  }

  /** Submits an official IEP to the state: Submitted N → Y (SER-80, SER-86, SER-87). Doing it again changes nothing (G.3, F5). */
  async submit({ iepId }: SubmitIepInput): Promise<WriteResult> {
    const iep = await lockedIep(this.session, iepId);
    if (iep.state !== IepState.CURRENT)
      throw reject('V-059', 'Only an official IEP can be submitted. Make it official first.', ['iepId']);
    if (!iep.submittedToState) {
      await this.session
        .get(IepRepository)
        .update(iep.id, { submittedToState: true, submittedAt: this.session.now }, iep.version);
      await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state: iep.state });
    }
    return { ids: { iep: iep.id } };
  }

  private async opened(iep: Iep): Promise<WriteResult> {
    await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state: iep.state });
    return { ids: { iep: iep.id } };
  }

  /** @throws SEIS-43 when the student has an open IEP */
  async assertNoneOpen(studentId: string): Promise<void> {
    const [open] = await this.session.get(IepRepository).findFuture([studentId]);
    if (open) {
      throw reject(
        'SEIS-43',
        `The student has an open IEP (${open.id}). Affirm it before another is opened, or discard it with discardIep when it was started by mistake.`,
        ['studentId'],
      );
    }
  }

  /** Inserts an open IEP with its forms and goals. `notCopied`: forms that begin empty although the source has them. */
  private async open(
    values: Partial<Iep>,
    forms: readonly IepFormKind[],
    source: Iep | null,
    notCopied: readonly IepFormKind[],
  ): Promise<Iep> {
    const studentId = values.studentId!;
    const scopeDate = await scopeDateOf(this.session, studentId, values.meetingDate ?? this.session.today);
    const sourceForms = source ? await this.session.get(FormRepository).findByIeps([source.id]) : [];
    const copied = sourceForms.filter((form) => !notCopied.includes(form.kind));
    const offer = contentOf(copied, IepFormKind.OFFER);
    const iep = await this.session.get(IepRepository).insert({
      ...blankIep(),
      primaryDisability: offer?.primaryDisability ?? null,
      federalEnvironment: offer?.federalEnvironment ?? null,
      ...values,
      scopeDate,
      openedOn: this.session.today,
      futureOf: studentId,
    });
    const kinds = [...new Set([...forms, ...copied.map((form) => form.kind)])];
    for (const kind of kinds) {
      const content = contentForCopy(kind, copied);
      await this.session
        .get(FormRepository)
        .insert({ iepId: iep.id, studentId, scopeDate, kind, content, mark: ValidationMark.NOT_RUN, version: 1 });
    }
    if (source) await this.copyGoals(source, iep);
    return iep;
  }

  /** Goals are drafted from the present ones and discussed anew (SEIS-67). */
  private async copyGoals(source: Iep, target: Iep): Promise<void> {
    const goals = this.session.get(GoalRepository);
    for (const { id: _id, ...goal } of await goals.findByIeps([source.id])) {
      const isSameMeeting = target.continuation;
      await goals.insert({
        ...goal,
        iepId: target.id,
        scopeDate: target.scopeDate,
        discussed: isSameMeeting && goal.discussed,
        version: 1,
      });
    }
  }
}

/** A continued meeting takes its second consent on a second page (SEIS-91): the signature is not copied. */
function contentForCopy(kind: IepFormKind, copied: readonly FormRecord[]): FormContent {
  const content = contentOf(copied, kind);
  if (!content) return emptyContent(kind);
  return kind === IepFormKind.PARTICIPANTS ? { ...content, signature: null, secondConsentOn: null } : content;
}

function blankIep() {
  return {
    currentOf: null,
    purposes: [],
    purposeText: null,
    parentIepId: null,
    reactivatesIepId: null,
    reactivatedAt: null,
    reactivatedById: null,
    reactivationReason: null,
    discardedAt: null,
    discardedById: null,
    discardReason: null,
    continuation: false,
    toBeContinued: false,
    amendmentNumber: 0,
    meetingDate: null,
    plannedMeetingDate: null,
    heldOn: null,
    reconvenedOn: null,
    affirmedAt: null,
    affirmedOn: null,
    affirmedById: null,
    contentHash: null,
    signature: null,
    agreed: false,
    planReviewDate: null,
    submittedToState: false,
    submittedAt: null,
    openFindings: 0,
    version: 1,
  };
}
