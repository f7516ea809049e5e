import { graphqlEnum } from '../../../platform/graphql/enums';

export enum StudentStatus {
  REFERRED = 'REFERRED',
  PENDING = 'PENDING',
  ELIGIBLE_ACTIVE = 'ELIGIBLE_ACTIVE',
  ELIGIBLE_NO_PLAN = 'ELIGIBLE_NO_PLAN',
  ELIGIBLE_NOT_ENROLLED = 'ELIGIBLE_NOT_ENROLLED',
  INELIGIBLE = 'INELIGIBLE',
  EXITED = 'EXITED',
  INACTIVE_NOT_REPORTED = 'INACTIVE_NOT_REPORTED',
}
graphqlEnum(StudentStatus, 'StudentStatus', 'Special-education status of a student (domain C.1).', {
  REFERRED: 'Referred for evaluation.',
  PENDING: 'Evaluation under way: waiting for the determination.',
  ELIGIBLE_ACTIVE: 'Eligible, enrolled and participating.',
  ELIGIBLE_NO_PLAN: 'Eligible, without a plan: declined, ceased or starting later. Has no time limit (SIRAS-60).',
  ELIGIBLE_NOT_ENROLLED: 'Eligible, not enrolled: only after the state posted an enrolment error (SIRAS-61).',
  INELIGIBLE: 'Did not qualify.',
  EXITED: 'Left special education.',
  INACTIVE_NOT_REPORTED: 'Duplicate, or no consent to assess: not reported, hidden from searches.',
});

/** Who causes a determination. */
export type StatusTrigger = 'ADD_STUDENT' | 'DISTRICT' | 'CASE_MANAGER' | 'IEP_AFFIRMED';
/** What must hold beside the states. Each is a rule of `StatusService`. */
export type StatusGuard = 'AGREED_IEP' | 'NO_OPEN_SERVICES' | 'PRIOR_WRITTEN_NOTICE' | 'POSTED_ERROR' | 'CONTACTS';

export interface StatusTransition {
  from: readonly (StudentStatus | null)[];
  to: StudentStatus;
  by: readonly StatusTrigger[];
  guards?: readonly StatusGuard[];
}

const S = StudentStatus;

/** The state machine of domain C.1, row by row. What is not here is only possible as the correction of a wrong entry (V-043). */
export const STATUS_TRANSITIONS: readonly StatusTransition[] = [
  { from: [null], to: S.REFERRED, by: ['ADD_STUDENT'] },
  { from: [null], to: S.PENDING, by: ['ADD_STUDENT'] },
  { from: [S.REFERRED], to: S.PENDING, by: ['DISTRICT', 'CASE_MANAGER'], guards: ['CONTACTS'] },
  { from: [S.EXITED, S.INELIGIBLE], to: S.PENDING, by: ['DISTRICT', 'CASE_MANAGER'], guards: ['CONTACTS'] },
  { from: [S.REFERRED, S.PENDING, S.ELIGIBLE_NO_PLAN], to: S.ELIGIBLE_ACTIVE, by: ['IEP_AFFIRMED'] },
  {
    from: [S.PENDING, S.ELIGIBLE_NO_PLAN, S.ELIGIBLE_NOT_ENROLLED],
    to: S.ELIGIBLE_ACTIVE,
    by: ['DISTRICT'],
    guards: ['CONTACTS', 'AGREED_IEP'],
  },
  { from: [S.REFERRED, S.PENDING], to: S.INELIGIBLE, by: ['IEP_AFFIRMED'] },
  { from: [S.PENDING], to: S.INELIGIBLE, by: ['DISTRICT'] },
  { from: [S.PENDING], to: S.ELIGIBLE_NO_PLAN, by: ['DISTRICT'] },
  { from: [S.REFERRED, S.PENDING], to: S.INACTIVE_NOT_REPORTED, by: ['DISTRICT'], guards: ['NO_OPEN_SERVICES'] },
  { from: [S.ELIGIBLE_NO_PLAN], to: S.ELIGIBLE_NOT_ENROLLED, by: ['DISTRICT'], guards: ['POSTED_ERROR'] },
  {
    from: [S.ELIGIBLE_ACTIVE],
    to: S.ELIGIBLE_NO_PLAN,
    by: ['DISTRICT'],
    guards: ['NO_OPEN_SERVICES', 'PRIOR_WRITTEN_NOTICE'],
  },
  {
    from: [S.ELIGIBLE_ACTIVE, S.ELIGIBLE_NO_PLAN, S.ELIGIBLE_NOT_ENROLLED],
    to: S.EXITED,
    by: ['DISTRICT'],
    guards: ['NO_OPEN_SERVICES', 'PRIOR_WRITTEN_NOTICE'],
  },
];

/** The transition of the table, or null. */
export function findTransition(
  from: StudentStatus | null,
  to: StudentStatus,
  by: StatusTrigger,
): StatusTransition | null {
  return STATUS_TRANSITIONS.find((row) => row.from.includes(from) && row.to === to && row.by.includes(by)) ?? null;
}

/** Statuses that make a record inactive: date, type and non-participation reason belong to them (SIRAS-38, V-041). */
export const INACTIVE_STATUSES: readonly StudentStatus[] = [
  S.ELIGIBLE_NO_PLAN,
  S.ELIGIBLE_NOT_ENROLLED,
  S.EXITED,
  S.INACTIVE_NOT_REPORTED,
];
