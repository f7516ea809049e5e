import { IepFormKind } from '../form/form-codes';
import { MeetingKind } from './iep-codes';

export interface MeetingKindRule {
  label: string;
  /** The first plan of a student: its agreement makes the student eligible (domain C.1). */
  initial: boolean;
  /** Counts as a review of the plan: the next annual is counted from it (T-07). */
  planReview: boolean;
  /** Can only be opened when an agreed plan exists (SIRAS-58). */
  needsAgreedPlan: boolean;
  forms: readonly IepFormKind[];
}

const { PRESENT_LEVELS, OFFER, PARTICIPANTS, NOTES, AMENDMENT } = IepFormKind;
const PLAN = [PRESENT_LEVELS, OFFER, PARTICIPANTS, NOTES] as const;

/** The form set and the guards of each meeting (domain C.2, "form set by meeting type"). */
export const MEETING_KINDS: Record<MeetingKind, MeetingKindRule> = {
  PART_C_INITIAL: { label: 'Part C initial', initial: true, planReview: true, needsAgreedPlan: false, forms: PLAN },
  PART_C_TO_B_INITIAL: {
    label: 'Part C to B initial',
    initial: true,
    planReview: true,
    needsAgreedPlan: false,
    forms: PLAN,
  },
  PART_B_INITIAL: { label: 'Part B initial', initial: true, planReview: true, needsAgreedPlan: false, forms: PLAN },
  TRIENNIAL: { label: 'Triennial', initial: false, planReview: true, needsAgreedPlan: false, forms: PLAN },
  ANNUAL: { label: 'Annual plan review', initial: false, planReview: true, needsAgreedPlan: true, forms: PLAN },
  THIRTY_DAY: { label: 'Thirty-day review', initial: false, planReview: false, needsAgreedPlan: false, forms: PLAN },
  AMENDMENT: {
    label: 'Amendment',
    initial: false,
    planReview: false,
    needsAgreedPlan: true,
    forms: [AMENDMENT, ...PLAN],
  },
};
