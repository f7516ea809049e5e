import { graphqlEnum } from '../../../platform/graphql/enums';

export enum EvaluationKind {
  INITIAL = 'INITIAL',
  REEVALUATION = 'REEVALUATION',
  TRIENNIAL_WAIVER = 'TRIENNIAL_WAIVER',
  PART_C_INITIAL = 'PART_C_INITIAL',
  PART_C_TO_B = 'PART_C_TO_B',
}
graphqlEnum(EvaluationKind, 'EvaluationKind', 'Kinds of evaluation (domain C.4).', {
  INITIAL: 'Initial evaluation, Part B.',
  REEVALUATION: 'Re-evaluation.',
  TRIENNIAL_WAIVER: 'Parent and district agree that no re-evaluation is needed: carries the last one on.',
  PART_C_INITIAL: 'Initial evaluation of an infant or toddler, Part C.',
  PART_C_TO_B: 'Evaluation on the way from Part C to Part B.',
});

export enum EvaluationState {
  REQUESTED = 'REQUESTED',
  CONSENTED = 'CONSENTED',
  REFUSED = 'REFUSED',
  IN_PROGRESS = 'IN_PROGRESS',
  EXTENDED = 'EXTENDED',
  COMPLETED = 'COMPLETED',
  ELIGIBILITY_DECIDED = 'ELIGIBILITY_DECIDED',
  WITHDRAWN = 'WITHDRAWN',
  TRANSFERRED_IN = 'TRANSFERRED_IN',
}
graphqlEnum(EvaluationState, 'EvaluationState', 'Where an evaluation stands (domain C.4).', {
  REQUESTED: 'Permission was requested.',
  CONSENTED: 'The parent consented: the clock runs.',
  REFUSED: 'The parent refused: closed.',
  IN_PROGRESS: 'The assessments are under way.',
  EXTENDED: 'Under way, with an agreed later date.',
  COMPLETED: 'The report was disseminated.',
  ELIGIBILITY_DECIDED: 'The team has decided on eligibility.',
  WITHDRAWN: 'Consent was revoked.',
  TRANSFERRED_IN: 'The student came from another district during the evaluation.',
});

/** States in which an evaluation is under way. */
export const OPEN_EVALUATION: readonly EvaluationState[] = [
  EvaluationState.REQUESTED,
  EvaluationState.CONSENTED,
  EvaluationState.IN_PROGRESS,
  EvaluationState.EXTENDED,
];
/** States in which an evaluation has a result. */
export const DECIDED_EVALUATION: readonly EvaluationState[] = [
  EvaluationState.COMPLETED,
  EvaluationState.ELIGIBILITY_DECIDED,
];

export enum ParentDecision {
  YES = 'YES',
  NO = 'NO',
}
graphqlEnum(ParentDecision, 'ParentDecision', 'The parent’s decision on an evaluation.', {
  YES: 'The parent consents.',
  NO: 'The parent refuses.',
});
