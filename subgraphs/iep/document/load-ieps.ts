import { insertRows } from '../../../platform/database/insert-rows';
import type { CalendarDay } from '../../../platform/dates';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import { Evaluation } from '../evaluation/evaluation.entity';
import { EvaluationKind, EvaluationState, ParentDecision } from '../evaluation/evaluation-codes';
import { FormRecord } from '../form/form.entity';
import { contentOf } from '../form/form.entity';
import { emptyContent, type FormContents, parseContent } from '../form/form-content';
import { DisabilityCategory, IepFormKind, ValidationMark } from '../form/form-codes';
import { Goal, GoalProgress } from '../goal/goal.entity';
import { GoalArea, ProgressRating } from '../goal/goal-codes';
import type { PublishedService } from '../published/published-rows';
import { type AffirmingPath, Attestation } from './attestation.entity';
import { contentHash } from './content-hash';
import { Iep } from './iep.entity';
import { IepState, MeetingKind, MeetingPurpose, SIGNATURE_MEANING, SignatureOutcome } from './iep-codes';
import { isOpen } from './iep-states';
import { MEETING_KINDS } from './meeting-kinds';
import { FORM_INPUTS, type FormInputField } from '../form/form-paths';

/** The contents of an IEP's forms as seeds write them: what is left out stays blank. */
export type FormBundle = { [F in FormInputField]?: Partial<FormContents[(typeof FORM_INPUTS)[F]]> };

export interface GoalBundle {
  id?: string;
  area: `${GoalArea}`;
  baseline: string | null;
  statement: string | null;
  objectives?: { statement: string; targetDate: CalendarDay | null }[];
  responsible?: string | null;
  progress?: { reportedOn: CalendarDay; rating: `${ProgressRating}`; comment: string | null; recordedById: string }[];
}

/** An IEP in any state, with everything that hangs on it. */
export interface IepBundle {
  id?: string;
  studentId: string;
  state: `${IepState}`;
  kind: `${MeetingKind}`;
  openedOn: CalendarDay;
  /** Needed in every state but DRAFT. */
  meetingDate?: CalendarDay | null;
  plannedMeetingDate?: CalendarDay | null;
  parentIepId?: string | null;
  continuation?: boolean;
  amendmentNumber?: number;
  purposes?: `${MeetingPurpose}`[];
  purposeText?: string | null;
  /** Needed in the affirmed states CURRENT and HISTORY. */
  affirmed?: { at: Date; on: CalendarDay; byId: string; byName: string; path?: AffirmingPath } | null;
  /** Default: the meeting date, when the parents agreed. */
  planReviewDate?: CalendarDay | null;
  /** Default: by the signature's outcome. */
  agreed?: boolean;
  submittedToState?: boolean;
  forms?: FormBundle;
  goals?: GoalBundle[];
  /** The services that the attestation keeps; the rows themselves are loaded by `services`. */
  services?: PublishedService[];
}

export interface EvaluationBundle {
  id?: string;
  studentId: string;
  kind: `${EvaluationKind}`;
  state: `${EvaluationState}`;
  requestedOn?: CalendarDay | null;
  parentDecision?: `${ParentDecision}` | null;
  decidedOn?: CalendarDay | null;
  completedOn?: CalendarDay | null;
  reason?: string | null;
  primaryDisability?: `${DisabilityCategory}` | null;
  disabilities?: `${DisabilityCategory}`[];
}

/**
 * The bulk door for seeds and imports: rows come in multi-row INSERTs, without events and without rules. Call it inside a
 * write transaction with a system session, in chunks of a few hundred. Affirmed IEPs get their content hash and attestation;
 * their PDF is printed from the content when somebody reads it.
 */
export async function loadIeps(session: Session, bundles: readonly IepBundle[]): Promise<string[]> {
  const loaded = bundles.map((bundle) => toRows(session, bundle));
  // Children first: once an affirmed IEP is there, the database refuses to add to it.
  await insertRows(
    session,
    FormRecord,
    loaded.flatMap((rows) => rows.forms),
  );
  await insertRows(
    session,
    Goal,
    loaded.flatMap((rows) => rows.goals),
  );
  await insertRows(
    session,
    GoalProgress,
    loaded.flatMap((rows) => rows.progress),
  );
  await insertRows(
    session,
    Attestation,
    loaded.flatMap((rows) => rows.attestation ?? []),
  );
  await insertRows(
    session,
    Iep,
    loaded.map((rows) => rows.iep),
  );
  return loaded.map((rows) => rows.iep.id);
}

/** The same for evaluations. */
export async function loadEvaluations(session: Session, bundles: readonly EvaluationBundle[]): Promise<string[]> {
  const rows = bundles.map((bundle): Evaluation => {
    const { requestedOn = null, decidedOn = null, completedOn = null, primaryDisability = null } = bundle;
    const scopeDate = completedOn ?? decidedOn ?? requestedOn;
    if (!scopeDate) throw new Error(`An evaluation of student ${bundle.studentId} has no date.`);
    return {
      id: bundle.id ?? newId(),
      studentId: bundle.studentId,
      scopeDate,
      kind: bundle.kind as EvaluationKind,
      state: bundle.state as EvaluationState,
      requestedOn,
      parentDecision: (bundle.parentDecision ?? null) as ParentDecision | null,
      decidedOn,
      completedOn,
      reason: bundle.reason ?? null,
      primaryDisability: primaryDisability as DisabilityCategory | null,
      disabilities: (bundle.disabilities ?? (primaryDisability ? [primaryDisability] : [])) as DisabilityCategory[],
      carriedFromId: null,
      version: 1,
    };
  });
  await insertRows(session, Evaluation, rows);
  return rows.map((row) => row.id);
}

interface LoadedRows {
  iep: Iep;
  forms: FormRecord[];
  goals: Goal[];
  progress: GoalProgress[];
  attestation: Attestation | null;
}

function toRows(session: Session, bundle: IepBundle): LoadedRows {
  const iep = toIep(bundle);
  const owner = { iepId: iep.id, studentId: iep.studentId, scopeDate: iep.scopeDate };
  const forms = toForms(bundle, owner, isOpen(iep.state) ? ValidationMark.NOT_RUN : ValidationMark.PASS);
  const goals = (bundle.goals ?? []).map((goal, i) => toGoal(goal, i + 1, owner));
  const progress = (bundle.goals ?? []).flatMap((goal, i) => toProgress(session, goal, goals[i]!));
  const offer = contentOf(forms, IepFormKind.OFFER);
  iep.primaryDisability = offer?.primaryDisability ?? null;
  iep.federalEnvironment = offer?.federalEnvironment ?? null;
  iep.signature = contentOf(forms, IepFormKind.PARTICIPANTS)?.signature?.outcome ?? null;
  const attestation = bundle.affirmed ? toAttestation(bundle, iep) : null;
  if (attestation) {
    iep.agreed = bundle.agreed ?? (iep.signature ? SIGNATURE_MEANING[iep.signature].agreed : true);
    const isReview = MEETING_KINDS[iep.kind].planReview && iep.agreed;
    iep.planReviewDate = bundle.planReviewDate ?? (isReview ? iep.meetingDate : null);
    iep.contentHash = contentHash({ iep, forms, goals, attestation });
  }
  return { iep, forms, goals, progress, attestation };
}

function toIep(bundle: IepBundle): Iep {
  const { studentId, meetingDate = null, affirmed = null } = bundle;
  const state = bundle.state as IepState;
  const isAffirmed = state === IepState.CURRENT || state === IepState.HISTORY;
  if (isAffirmed && (!affirmed || !meetingDate))
    throw new Error(`A ${state} IEP of student ${studentId} needs its meeting date and affirmation.`);
  return {
    id: bundle.id ?? newId(),
    studentId,
    scopeDate: meetingDate ?? bundle.openedOn,
    currentOf: state === IepState.CURRENT ? studentId : null,
    futureOf: isOpen(state) ? studentId : null,
    state,
    kind: bundle.kind as MeetingKind,
    purposes: (bundle.purposes ?? []) as MeetingPurpose[],
    purposeText: bundle.purposeText ?? null,
    parentIepId: bundle.parentIepId ?? null,
    reactivatesIepId: null,
    reactivatedAt: null,
    reactivatedById: null,
    reactivationReason: null,
    discardedAt: null,
    discardedById: null,
    discardReason: null,
    continuation: bundle.continuation ?? false,
    toBeContinued: false,
    amendmentNumber: bundle.amendmentNumber ?? 0,
    openedOn: bundle.openedOn,
    meetingDate,
    plannedMeetingDate: bundle.plannedMeetingDate ?? null,
    heldOn: isAffirmed || state === IepState.IN_REVIEW ? meetingDate : null,
    reconvenedOn: null,
    affirmedAt: affirmed?.at ?? null,
    affirmedOn: affirmed?.on ?? null,
    affirmedById: affirmed?.byId ?? null,
    contentHash: null,
    signature: null as SignatureOutcome | null,
    agreed: false,
    planReviewDate: bundle.planReviewDate ?? null,
    primaryDisability: null,
    federalEnvironment: null,
    submittedToState: bundle.submittedToState ?? false,
    submittedAt: null,
    openFindings: 0,
    version: 1,
  };
}

type Owner = Pick<FormRecord, 'iepId' | 'studentId' | 'scopeDate'>;

/** The forms of the meeting's set and those given beyond it. */
function toForms(bundle: IepBundle, owner: Owner, mark: ValidationMark): FormRecord[] {
  const given = new Map(
    Object.entries(bundle.forms ?? {}).map(([field, content]) => [
      FORM_INPUTS[field as FormInputField],
      { field, content },
    ]),
  );
  const kinds = new Set<IepFormKind>([...MEETING_KINDS[bundle.kind].forms, ...given.keys()]);
  return [...kinds].map((kind) => {
    const form = given.get(kind);
    const content = form ? parseContent(kind, form.content, form.field) : emptyContent(kind);
    return { id: newId(), ...owner, kind, content, mark, version: 1 };
  });
}

function toGoal(goal: GoalBundle, position: number, owner: Owner): Goal {
  return {
    id: goal.id ?? newId(),
    ...owner,
    position,
    area: goal.area as GoalArea,
    baseline: goal.baseline,
    statement: goal.statement,
    objectives: goal.objectives ?? [],
    responsible: goal.responsible ?? null,
    discussed: true,
    version: 1,
  };
}

function toProgress(
  session: Session,
  { progress = [] }: GoalBundle,
  { id: goalId, iepId, studentId }: Goal,
): GoalProgress[] {
  return progress.map((entry) => ({
    id: newId(),
    goalId,
    iepId,
    studentId,
    reportedOn: entry.reportedOn,
    scopeDate: entry.reportedOn,
    rating: entry.rating as ProgressRating,
    comment: entry.comment,
    recordedById: entry.recordedById,
    recordedAt: session.now,
  }));
}

function toAttestation({ affirmed, services = [] }: IepBundle, { id: iepId, studentId, scopeDate }: Iep): Attestation {
  const { at, on, byId, byName, path = 'AFFIRM' } = affirmed!;
  return {
    id: newId(),
    iepId,
    studentId,
    scopeDate,
    path,
    attestedById: byId,
    attestedByName: byName,
    attestedAt: at,
    handwrittenChangesTyped: true,
    matchesSignedCopy: true,
    copyGivenToParent: true,
    copyGivenOn: on,
    services,
    agreedOn: null,
    agreement: null,
    exceptions: null,
  };
}
