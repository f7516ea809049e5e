import { graphqlEnum } from '../../../platform/graphql/enums';

/** The states of domain C.2. `iep-states.ts` holds the table of transitions. */
export enum IepState {
  DRAFT = 'DRAFT',
  IN_REVIEW = 'IN_REVIEW',
  CURRENT = 'CURRENT',
  AMENDED_DRAFT = 'AMENDED_DRAFT',
  CLOSED_NO_AGREEMENT = 'CLOSED_NO_AGREEMENT',
  HISTORY = 'HISTORY',
  DISCARDED = 'DISCARDED',
}
graphqlEnum(IepState, 'IepState', 'Where an IEP stands. SEIS calls DRAFT and IN_REVIEW the "Future" IEP.', {
  DRAFT: 'Being prepared; the meeting has not been held.',
  IN_REVIEW: 'The meeting was held; not yet affirmed.',
  CURRENT: 'Affirmed, read-only: the IEP of the most recent meeting.',
  AMENDED_DRAFT: 'An amendment of the current IEP, being prepared.',
  CLOSED_NO_AGREEMENT: 'An amendment that the parents did not agree to: the prior plan stays in force.',
  HISTORY: 'An earlier affirmed IEP, read-only for good.',
  DISCARDED: 'A draft that was started by mistake: it never took effect, and stays as it was.',
});

/** Domain F.4, SIRAS events. That a meeting continues another one is a flag, not a kind. */
export enum MeetingKind {
  PART_C_INITIAL = 'PART_C_INITIAL',
  PART_C_TO_B_INITIAL = 'PART_C_TO_B_INITIAL',
  PART_B_INITIAL = 'PART_B_INITIAL',
  TRIENNIAL = 'TRIENNIAL',
  ANNUAL = 'ANNUAL',
  THIRTY_DAY = 'THIRTY_DAY',
  AMENDMENT = 'AMENDMENT',
}
graphqlEnum(MeetingKind, 'MeetingKind', 'Why the team meets.', {
  PART_C_INITIAL: 'First plan of an infant or toddler (Part C).',
  PART_C_TO_B_INITIAL: 'First school-age plan of a child who comes from Part C.',
  PART_B_INITIAL: 'First plan of a child aged three or older (Part B).',
  TRIENNIAL: 'Review with the re-evaluation that is due every three years.',
  ANNUAL: 'Yearly review of the plan.',
  THIRTY_DAY: 'Review of the interim placement of a student who transferred in.',
  AMENDMENT: 'A change of the plan between two reviews.',
});

/** Purposes offered on the affirm screen (SEIS-89, SEIS-90; domain F.4). */
export enum MeetingPurpose {
  INITIAL = 'INITIAL',
  ANNUAL = 'ANNUAL',
  TRIENNIAL = 'TRIENNIAL',
  INTERIM = 'INTERIM',
  TRANSITION = 'TRANSITION',
  AMENDMENT = 'AMENDMENT',
  MANIFESTATION = 'MANIFESTATION',
  EXPANDED = 'EXPANDED',
  DISTRICT_OFFER_NO_SIGNATURE = 'DISTRICT_OFFER_NO_SIGNATURE',
  OTHER = 'OTHER',
}
graphqlEnum(MeetingPurpose, 'MeetingPurpose', 'A purpose of the meeting; every fitting one is chosen (SEIS-90).', {
  INITIAL: 'Initial plan.',
  ANNUAL: 'Annual review.',
  TRIENNIAL: 'Triennial review.',
  INTERIM: 'Thirty-day review of an interim placement.',
  TRANSITION: 'Transition to adult life or between programs.',
  AMENDMENT: 'Change of the plan between two reviews.',
  MANIFESTATION: 'Manifestation determination before a change of placement.',
  EXPANDED: 'Expanded team meeting.',
  DISTRICT_OFFER_NO_SIGNATURE:
    'The district made its final offer and the parent did not sign (SEIS-74). Needs the purpose text.',
  OTHER: 'Another purpose. Needs the purpose text.',
});

/** How the parent or adult student answered (domain C.2). */
export enum SignatureOutcome {
  AGREE_ALL = 'AGREE_ALL',
  AGREE_EXCEPT = 'AGREE_EXCEPT',
  DECLINE_INITIAL_SERVICES = 'DECLINE_INITIAL_SERVICES',
  NOT_ELIGIBLE_ACK = 'NOT_ELIGIBLE_ACK',
  NO_LONGER_ELIGIBLE_ACK = 'NO_LONGER_ELIGIBLE_ACK',
  PARTICIPATION_ONLY = 'PARTICIPATION_ONLY',
  AWAITING = 'AWAITING',
  REFUSED = 'REFUSED',
}
graphqlEnum(SignatureOutcome, 'SignatureOutcome', 'The answer of the parent or adult student to the plan.', {
  AGREE_ALL: 'Agrees to all parts.',
  AGREE_EXCEPT: 'Agrees, except for the parts named.',
  DECLINE_INITIAL_SERVICES: 'Declines initial services.',
  NOT_ELIGIBLE_ACK: 'Acknowledges that the student does not qualify.',
  NO_LONGER_ELIGIBLE_ACK: 'Acknowledges that the student no longer qualifies.',
  PARTICIPATION_ONLY: 'Took part, and has neither agreed nor disagreed.',
  AWAITING: 'Took the plan home; the answer is awaited.',
  REFUSED: 'Does not agree.',
});

/** What an answer means. `agreed`: the plan takes effect. `eligible`: the team found the student eligible. `signed`: an answer is on file. */
export const SIGNATURE_MEANING: Record<SignatureOutcome, { agreed: boolean; eligible: boolean; signed: boolean }> = {
  AGREE_ALL: { agreed: true, eligible: true, signed: true },
  AGREE_EXCEPT: { agreed: true, eligible: true, signed: true },
  DECLINE_INITIAL_SERVICES: { agreed: false, eligible: true, signed: true },
  NOT_ELIGIBLE_ACK: { agreed: false, eligible: false, signed: true },
  NO_LONGER_ELIGIBLE_ACK: { agreed: false, eligible: false, signed: true },
  PARTICIPATION_ONLY: { agreed: false, eligible: true, signed: true },
  AWAITING: { agreed: false, eligible: true, signed: false },
  REFUSED: { agreed: false, eligible: true, signed: false },
};

/** The systems whose words for a state differ (domain C.2). */
export enum RecordSystem {
  SEIS = 'SEIS',
  SER = 'SER',
  SIRAS = 'SIRAS',
  SESIS = 'SESIS',
}
graphqlEnum(RecordSystem, 'RecordSystem', 'A record system whose own words are known.', {
  SEIS: 'Special Education Information System, California.',
  SER: 'Special Education Reporting, Louisiana.',
  SIRAS: 'SIRAS, California.',
  SESIS: 'Special Education Student Information System, New York City.',
});
