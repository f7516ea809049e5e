import { graphqlEnum } from '../../../platform/graphql/enums';

export enum ExitReason {
  NO_LONGER_ELIGIBLE = 'NO_LONGER_ELIGIBLE',
  GRADUATED = 'GRADUATED',
  CERTIFICATE = 'CERTIFICATE',
  MAXIMUM_AGE = 'MAXIMUM_AGE',
  DROPPED_OUT = 'DROPPED_OUT',
  MOVED_CONTINUING = 'MOVED_CONTINUING',
  DECEASED = 'DECEASED',
  PARENT_WITHDRAWAL = 'PARENT_WITHDRAWAL',
  NO_CONSENT_PART_C_TO_B = 'NO_CONSENT_PART_C_TO_B',
  OUT_OF_STATE = 'OUT_OF_STATE',
}
graphqlEnum(ExitReason, 'ExitReason', 'Why a student left special education (domain F.7).', {
  NO_LONGER_ELIGIBLE: 'No longer eligible: returned to general education (70).',
  GRADUATED: 'Graduated with a diploma (71).',
  CERTIFICATE: 'Certificate of completion (72).',
  MAXIMUM_AGE: 'Reached the maximum age (73).',
  DROPPED_OUT: 'Dropped out, not known to be continuing (74).',
  MOVED_CONTINUING: 'Moved, known to be continuing (76). Not reported.',
  DECEASED: 'Deceased (77).',
  PARENT_WITHDRAWAL: 'A parent withdrew consent (78).',
  NO_CONSENT_PART_C_TO_B: 'No parental consent at the change from Part C to Part B (84).',
  OUT_OF_STATE: 'Left for another state (85).',
});

export enum NonParticipationReason {
  DECLINED_FAPE = 'DECLINED_FAPE',
  FUTURE_START = 'FUTURE_START',
  MAXIMUM_AGE = 'MAXIMUM_AGE',
  NO_SHOW = 'NO_SHOW',
  WITHDRAWAL = 'WITHDRAWAL',
  CESSATION = 'CESSATION',
  PRIVATE_SCHOOL = 'PRIVATE_SCHOOL',
  OUT_OF_STATE = 'OUT_OF_STATE',
  GRADUATED = 'GRADUATED',
  DROPPED_OUT = 'DROPPED_OUT',
  DECEASED = 'DECEASED',
  NO_LONGER_ELIGIBLE = 'NO_LONGER_ELIGIBLE',
}
graphqlEnum(
  NonParticipationReason,
  'NonParticipationReason',
  'Why an eligible student does not participate (domain F.6).',
  {
    DECLINED_FAPE: 'A parent declined the offer (11).',
    FUTURE_START: 'The plan starts later, or another reason (12).',
    MAXIMUM_AGE: 'Reached the maximum age (23).',
    NO_SHOW: 'Expected, but never came.',
    WITHDRAWAL: 'Consent was revoked.',
    CESSATION: 'Services ceased.',
    PRIVATE_SCHOOL: 'Attends a private school.',
    OUT_OF_STATE: 'Moved to another state.',
    GRADUATED: 'Graduated.',
    DROPPED_OUT: 'Dropped out.',
    DECEASED: 'Deceased.',
    NO_LONGER_ELIGIBLE: 'No longer eligible.',
  },
);

interface ExitRule {
  /** State code (CASEMIS). */
  code: string;
  /** Reported exits need a non-participation reason (V-041). */
  reported: boolean;
  /** Cessation or withdrawal of a student who still lives here needs a prior written notice (V-042, SIRAS-114). */
  priorWrittenNotice: boolean;
  /** The exit holds only from this age on. */
  minimumAge?: number;
}

export const EXIT_RULES: Record<ExitReason, ExitRule> = {
  NO_LONGER_ELIGIBLE: { code: '70', reported: true, priorWrittenNotice: true },
  GRADUATED: { code: '71', reported: true, priorWrittenNotice: true },
  CERTIFICATE: { code: '72', reported: true, priorWrittenNotice: false },
  MAXIMUM_AGE: { code: '73', reported: true, priorWrittenNotice: true, minimumAge: 21 },
  DROPPED_OUT: { code: '74', reported: true, priorWrittenNotice: false },
  MOVED_CONTINUING: { code: '76', reported: false, priorWrittenNotice: false },
  DECEASED: { code: '77', reported: true, priorWrittenNotice: false },
  PARENT_WITHDRAWAL: { code: '78', reported: true, priorWrittenNotice: true },
  NO_CONSENT_PART_C_TO_B: { code: '84', reported: true, priorWrittenNotice: true },
  OUT_OF_STATE: { code: '85', reported: true, priorWrittenNotice: false },
};
