import { anniversary, type CalendarDay } from '../../../platform/dates';
import { badInput, reject } from '../../../platform/errors';
import { scopeDateOf } from '../../../platform/scope/scope-date';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { assertStudentInScope } from '../document/open-scope';
import { evaluationDecided } from '../events';
import { DisabilityCategory } from '../form/form-codes';
import { PublishedRepository } from '../published/published.repository';
import type { Evaluation } from './evaluation.entity';
import type { RecordTriennialWaiverInput, StartEvaluationInput } from './evaluation.inputs';
import { EvaluationRepository } from './evaluation.repository';
import {
  DECIDED_EVALUATION,
  EvaluationKind,
  EvaluationState,
  OPEN_EVALUATION,
  ParentDecision,
} from './evaluation-codes';

const REASON_LENGTH = 2_000;
const YEARS_BETWEEN_EVALUATIONS = 3;
/** Developmental delay ends with the ninth birthday (SER-134, V-203). */
const DD_ENDS_AT = 9;

/** The first transitions of domain C.4, and the triennial waiver. */
export class EvaluationService {
  constructor(private readonly session: Session) {}

  async start(input: StartEvaluationInput): Promise<WriteResult> {
    const { studentId, kind } = input;
    await this.session.lock(studentId);
    await assertStudentInScope(this.session, studentId);
    if (kind === EvaluationKind.TRIENNIAL_WAIVER)
      throw reject('SER-60', 'A waiver is recorded with recordTriennialWaiver.', ['kind']);
    const evaluations = this.session.get(EvaluationRepository);
    const known = await evaluations.findNewestFirst([studentId]);
    if (known.some((one) => one.kind === kind && OPEN_EVALUATION.includes(one.state))) {
      throw reject('C.4', 'An evaluation of this kind is under way. Finish it first.', ['kind']);
    }
    const first = kind === EvaluationKind.REEVALUATION ? this.reevaluation(input) : this.initial(input);
    const evaluation = await evaluations.insert({
      studentId,
      kind,
      ...first,
      scopeDate: await scopeDateOf(this.session, studentId, first.decidedOn ?? first.requestedOn ?? this.session.today),
      completedOn: null,
      primaryDisability: null,
      disabilities: [],
      carriedFromId: null,
      version: 1,
    });
    return { ids: { evaluation: evaluation.id } };
  }

  /** The signature date becomes the evaluation date; every other value is carried on unchanged (SER-69 to SER-71, V-056). */
  async waive({ studentId, parentSignedOn }: RecordTriennialWaiverInput): Promise<WriteResult> {
    await this.session.lock(studentId);
    await assertStudentInScope(this.session, studentId);
    const evaluations = this.session.get(EvaluationRepository);
    const last = (await evaluations.findNewestFirst([studentId])).find((one) => DECIDED_EVALUATION.includes(one.state));
    if (!last)
      throw reject('V-056', 'A waiver carries the last evaluation on, and there is none. Evaluate the student.', [
        'studentId',
      ]);
    this.assertPast(parentSignedOn, 'parentSignedOn');
    if (last.completedOn && parentSignedOn < last.completedOn) {
      throw reject('C.4', `The signature lies before the last evaluation of ${last.completedOn}.`, ['parentSignedOn']);
    }
    await this.assertNotTurningNine(last, parentSignedOn);
    const { id: carriedFromId, ...carried } = last;
    const evaluation = await evaluations.insert({
      ...carried,
      kind: EvaluationKind.TRIENNIAL_WAIVER,
      state: EvaluationState.COMPLETED,
      completedOn: parentSignedOn,
      scopeDate: await scopeDateOf(this.session, studentId, parentSignedOn),
      carriedFromId,
      version: 1,
    });
    await this.session.emit(evaluationDecided, studentId, { evaluationId: evaluation.id });
    return { ids: { evaluation: evaluation.id } };
  }

  /** Permission request date, parent decision and its date come first (SER-62, V-053). */
  private initial({ requestedOn, parentDecision, decidedOn }: StartEvaluationInput) {
    if (!requestedOn) throw reject('V-053', 'Enter the day on which permission was requested first.', ['requestedOn']);
    this.assertPast(requestedOn, 'requestedOn');
    if (Boolean(parentDecision) !== Boolean(decidedOn)) {
      throw reject('V-053', 'The parent’s decision and its date go together.', [
        parentDecision ? 'decidedOn' : 'parentDecision',
      ]);
    }
    if (decidedOn) {
      this.assertPast(decidedOn, 'decidedOn');
      if (decidedOn < requestedOn) throw reject('C.4', 'The decision can’t lie before the request.', ['decidedOn']);
    }
    return {
      state: stateByDecision(parentDecision),
      requestedOn,
      parentDecision: parentDecision ?? null,
      decidedOn: decidedOn ?? null,
      reason: null,
    };
  }

  /** A re-evaluation needs a reason, and neither a decision of the parent nor its date (SER-67, SER-68). */
  private reevaluation({ requestedOn, parentDecision, decidedOn, reason }: StartEvaluationInput) {
    if (!reason?.trim()) throw reject('V-055', 'Enter why the student is evaluated again.', ['reason']);
    if (reason.length > REASON_LENGTH)
      throw badInput(`The reason is limited to ${REASON_LENGTH} characters.`, ['reason']);
    if (parentDecision || decidedOn)
      throw reject('SER-68', 'A re-evaluation has no parent decision.', ['parentDecision']);
    if (requestedOn) this.assertPast(requestedOn, 'requestedOn');
    return {
      state: EvaluationState.IN_PROGRESS,
      requestedOn: requestedOn ?? this.session.today,
      parentDecision: null,
      decidedOn: null,
      reason: reason.trim(),
    };
  }

  private assertPast(day: CalendarDay, field: string): void {
    if (day > this.session.today) throw reject('C.4', 'This day lies in the future.', [field]);
  }

  /** A student with developmental delay who turns nine before the next evaluation has to be evaluated (domain C.4, V-204). */
  private async assertNotTurningNine(
    { studentId, primaryDisability }: Evaluation,
    signedOn: CalendarDay,
  ): Promise<void> {
    if (primaryDisability !== DisabilityCategory.DD) return;
    const student = await this.session.get(PublishedRepository).student(studentId, signedOn);
    if (!student?.dateOfBirth) return;
    if (anniversary(student.dateOfBirth, DD_ENDS_AT) <= anniversary(signedOn, YEARS_BETWEEN_EVALUATIONS)) {
      throw reject(
        'V-204',
        'The student turns nine before the next evaluation: developmental delay can’t be carried on. Evaluate.',
        ['studentId'],
      );
    }
  }
}

function stateByDecision(decision: ParentDecision | null | undefined): EvaluationState {
  if (!decision) return EvaluationState.REQUESTED;
  return decision === ParentDecision.YES ? EvaluationState.CONSENTED : EvaluationState.REFUSED;
}
