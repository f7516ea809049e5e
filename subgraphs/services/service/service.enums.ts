import { graphqlEnum } from '../../../platform/graphql/enums';

/** Domain C.5. */
export const ServiceState = { PROPOSED: 'PROPOSED', ACTIVE: 'ACTIVE', TERMINATED: 'TERMINATED' } as const;
export type ServiceState = (typeof ServiceState)[keyof typeof ServiceState];
graphqlEnum(ServiceState, 'ServiceState', 'Where a service stands.', {
  PROPOSED: 'In a draft plan; begins to count when the plan is affirmed with agreement.',
  ACTIVE: 'Delivered to the student.',
  TERMINATED: 'Ended, or withdrawn before it began.',
});

/** C.5 as a table: state → the states that may follow. */
export const SERVICE_TRANSITIONS: Record<ServiceState, readonly ServiceState[]> = {
  PROPOSED: ['ACTIVE', 'TERMINATED'],
  ACTIVE: ['TERMINATED'],
  TERMINATED: [],
};

/** Domain F.10. */
export const Frequency = { DAILY: 'DAILY', WEEKLY: 'WEEKLY', MONTHLY: 'MONTHLY', YEARLY: 'YEARLY' } as const;
export type Frequency = (typeof Frequency)[keyof typeof Frequency];
graphqlEnum(Frequency, 'Frequency', 'How often the minutes of a service are owed.', {
  DAILY: 'Every school day.',
  WEEKLY: 'Every week.',
  MONTHLY: 'Every month.',
  YEARLY: 'Every school year.',
});

/** How often a period comes round in a school year of 180 days: what services of different frequency are compared by. */
export const PERIODS_PER_YEAR: Record<Frequency, number> = { DAILY: 180, WEEKLY: 36, MONTHLY: 9, YEARLY: 1 };
/** The minutes that a period has. */
export const MINUTES_PER_PERIOD: Record<Frequency, number> = {
  DAILY: 1_440,
  WEEKLY: 10_080,
  MONTHLY: 44_640,
  YEARLY: 527_040,
};

export const DeliveryModel = { INDIVIDUAL: 'INDIVIDUAL', GROUP: 'GROUP', CONSULTATION: 'CONSULTATION' } as const;
export type DeliveryModel = (typeof DeliveryModel)[keyof typeof DeliveryModel];
graphqlEnum(DeliveryModel, 'DeliveryModel', 'In which setting a service is delivered.', {
  INDIVIDUAL: 'One student at a time.',
  GROUP: 'Several students together.',
  CONSULTATION: 'Advice to those who work with the student.',
});

/** SER-107. */
export const ServiceRecipient = { STUDENT: 'STUDENT', PARENT: 'PARENT' } as const;
export type ServiceRecipient = (typeof ServiceRecipient)[keyof typeof ServiceRecipient];
graphqlEnum(ServiceRecipient, 'ServiceRecipient', 'Who receives a service.', {
  STUDENT: 'The student.',
  PARENT: 'A parent or guardian, on behalf of the student.',
});

/** Domain F.12. */
export const TerminationReason = {
  COMPLETED: 'COMPLETED',
  GOAL_MET: 'GOAL_MET',
  MOVED: 'MOVED',
  EXITED_SPED: 'EXITED_SPED',
  PARENT_REQUEST: 'PARENT_REQUEST',
  IEP_CHANGE: 'IEP_CHANGE',
  PROVIDER_CHANGE: 'PROVIDER_CHANGE',
  DECEASED: 'DECEASED',
  OTHER: 'OTHER',
} as const;
export type TerminationReason = (typeof TerminationReason)[keyof typeof TerminationReason];
graphqlEnum(TerminationReason, 'TerminationReason', 'Why a service ended.', {
  COMPLETED: 'Delivered as planned.',
  GOAL_MET: 'The student met the goal that it served.',
  MOVED: 'The student moved to another LEA.',
  EXITED_SPED: 'The student left special education.',
  PARENT_REQUEST: 'A parent asked for it.',
  IEP_CHANGE: 'A newer plan replaced it.',
  PROVIDER_CHANGE: 'Another provider took over under a service of its own.',
  DECEASED: 'The student died.',
  OTHER: 'Another reason.',
});
