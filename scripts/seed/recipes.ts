import { addDays, anniversary, type CalendarDay, daysBetween } from '../../platform/dates';
import { MeetingKind, SignatureOutcome } from '../../subgraphs/iep/document/iep-codes';
import { EvaluationKind } from '../../subgraphs/iep/evaluation/evaluation-codes';
import { ExitReason, NonParticipationReason } from '../../subgraphs/students/status/exit-reasons';
import { StudentStatus } from '../../subgraphs/students/status/student-status';
import type { Team } from './case-record';
import type { CaseStory } from './case-story';
import type { Random } from './random';
import type { Placement, Staff } from './student-case';

/** The days of one student's story, counted from today, so that overdue and upcoming work looks alive on any day. */
export class Days {
  constructor(
    readonly today: CalendarDay,
    readonly birth: CalendarDay,
    private readonly random: Random,
  ) {}

  /** A school day between so many days ago. */
  ago(least: number, most: number): CalendarDay {
    return this.schoolDay(addDays(this.today, -this.random.int(least, most)));
  }

  /** The day itself, or the Friday before it. */
  schoolDay(day: CalendarDay): CalendarDay {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    return addDays(day, weekday === 6 ? -1 : weekday === 0 ? -2 : 0);
  }

  get thirdBirthday(): CalendarDay {
    return anniversary(this.birth, 3);
  }

  /** How many yearly plans may have come before the one of this day, three at most. */
  yearsBefore(plan: CalendarDay): number {
    return this.random.int(0, Math.max(0, Math.min(3, Math.floor(daysBetween(this.thirdBirthday, plan) / YEAR))));
  }
}

/** From one review to the next, a little less than a year. */
const YEAR = 357;

/** A placement and who works with the student there. */
export interface Where {
  placement: Placement;
  team: Team;
}

/** What a recipe may need beyond the student. */
export interface Surroundings {
  days: Days;
  /** Where the student is now; somebody who moved in begins the story elsewhere. */
  here: Where;
  /** NYC: the provider who reports first attends. */
  attendedBy?: Staff;
}

export interface Recipe {
  ages: readonly [youngest: number, oldest: number];
  tell(story: CaseStory, surroundings: Surroundings): void;
}

const ANY_AGE = [3, 17] as const;
const IN_SCHOOL = [6, 17] as const;

/** Referral, consent and evaluation, in time for a meeting. */
function untilMeeting(story: CaseStory, days: Days, meeting: CalendarDay): MeetingKind {
  const isPartC = meeting <= days.thirdBirthday;
  story.refer(days.schoolDay(addDays(meeting, -75)));
  story.consent(days.schoolDay(addDays(meeting, -58)), isPartC ? EvaluationKind.PART_C_TO_B : EvaluationKind.INITIAL);
  return isPartC ? MeetingKind.PART_C_TO_B_INITIAL : MeetingKind.PART_B_INITIAL;
}

/**
 * A plan in force since its last review, with the yearly reviews before it.
 * @returns the kind of the review that comes next
 */
function inForce(
  story: CaseStory,
  days: Days,
  lastReview: CalendarDay,
  { earlier = days.yearsBefore(lastReview), reevaluate = true } = {},
): MeetingKind {
  const last = lastReview < addDays(days.thirdBirthday, -30) ? days.schoolDay(days.thirdBirthday) : lastReview;
  const first = days.schoolDay(addDays(last, -earlier * YEAR));
  const kind = untilMeeting(story, days, first);
  story.evaluated(days.schoolDay(addDays(first, -7))).agreed(kind, first);
  for (let year = 1; year <= earlier; year++) {
    const day = year === earlier ? last : days.schoolDay(addDays(first, year * YEAR));
    if (year % 3 === 0 && reevaluate)
      story.reevaluated(days.schoolDay(addDays(day, -5))).agreed(MeetingKind.TRIENNIAL, day);
    else story.agreed(MeetingKind.ANNUAL, day);
  }
  return (earlier + 1) % 3 === 0 ? MeetingKind.TRIENNIAL : MeetingKind.ANNUAL;
}

/** The next review is near: a triennial begins with a re-evaluation. */
function prepareNext(story: CaseStory, days: Days, lastReview: CalendarDay): MeetingKind {
  const next = inForce(story, days, lastReview);
  if (next === MeetingKind.TRIENNIAL) story.reevaluating(days.ago(30, 45));
  return next;
}

function heldNext(
  story: CaseStory,
  days: Days,
  lastReview: CalendarDay,
  heldOn: CalendarDay,
  signature?: SignatureOutcome,
): void {
  const next = prepareNext(story, days, lastReview);
  if (next === MeetingKind.TRIENNIAL) story.evaluated(addDays(heldOn, -3));
  story.review(next, heldOn, signature);
}

/** Every state of the state machines C.1, C.2, C.3 and C.5, as the story that leads to it. */
export const RECIPES = {
  referred: { ages: [3, 12], tell: (story, { days }) => void story.refer(days.ago(2, 25)) },
  pending: { ages: [3, 12], tell: (story, { days }) => void story.refer(days.ago(32, 60)).consent(days.ago(5, 28)) },
  pendingDraft: {
    ages: [4, 12],
    tell: (story, { days }) =>
      void story.refer(days.ago(58, 70)).consent(days.ago(35, 50)).draft(MeetingKind.PART_B_INITIAL, days.ago(3, 12)),
  },
  pendingReview: {
    ages: [4, 12],
    tell: (story, { days }) =>
      void story
        .refer(days.ago(65, 75))
        .consent(days.ago(48, 55))
        .evaluated(days.ago(9, 14))
        .review(MeetingKind.PART_B_INITIAL, days.ago(1, 5)),
  },
  current: { ages: [3, 21], tell: (story, { days }) => void inForce(story, days, days.ago(20, 330)) },
  draft: {
    ages: ANY_AGE,
    tell: (story, { days }) => void story.draft(prepareNext(story, days, days.ago(315, 350)), days.ago(3, 20)),
  },
  draftIncomplete: {
    ages: ANY_AGE,
    tell: (story, { days }) =>
      void story.draft(prepareNext(story, days, days.ago(315, 350)), days.ago(3, 20), { complete: false }),
  },
  reviewRecent: { ages: ANY_AGE, tell: (story, { days }) => heldNext(story, days, days.ago(345, 358), days.ago(1, 5)) },
  reviewLate: { ages: [5, 17], tell: (story, { days }) => heldNext(story, days, days.ago(330, 358), days.ago(9, 40)) },
  reviewAwaiting: {
    ages: [5, 17],
    tell: (story, { days }) => heldNext(story, days, days.ago(330, 358), days.ago(9, 40), SignatureOutcome.AWAITING),
  },
  amendedDraft: {
    ages: ANY_AGE,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(60, 200));
      story.amending(days.ago(2, 15));
    },
  },
  amended: {
    ages: ANY_AGE,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(100, 250));
      story.amended(days.ago(20, 80));
    },
  },
  amendmentRefused: {
    ages: ANY_AGE,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(100, 250));
      story.amendmentRefused(days.ago(20, 60));
    },
  },
  offerUnsigned: {
    ages: [7, 17],
    tell: (story, { days }) => {
      inForce(story, days, days.ago(338, 358), { earlier: 1 });
      story.offerUnsigned(days.ago(12, 30));
    },
  },
  overdueAnnual: { ages: [5, 17], tell: (story, { days }) => void inForce(story, days, days.ago(372, 450)) },
  overdueTriennial: {
    ages: [8, 17],
    tell: (story, { days }) => void inForce(story, days, days.ago(40, 300), { earlier: 3, reevaluate: false }),
  },
  doNotReport: {
    ages: ANY_AGE,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(20, 330));
      story.doNotReport();
    },
  },
  movedIn: {
    ages: IN_SCHOOL,
    tell: (story, { days, here }) => {
      const arrived = here.placement.beginDate;
      inForce(story, days, days.schoolDay(addDays(arrived, -90)));
      story.moved(here.placement, here.team).agreed(MeetingKind.THIRTY_DAY, days.schoolDay(addDays(arrived, 25)));
    },
  },
  declined: {
    ages: [4, 12],
    tell: (story, { days }) => {
      const meeting = days.ago(30, 90);
      untilMeeting(story, days, meeting);
      story.evaluated(days.schoolDay(addDays(meeting, -6))).declined(meeting);
    },
  },
  ceased: {
    ages: IN_SCHOOL,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(150, 300));
      story.ceased(days.ago(20, 60));
    },
  },
  notEnrolled: {
    ages: IN_SCHOOL,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(200, 300));
      story.ceased(days.ago(60, 90)).status(StudentStatus.ELIGIBLE_NOT_ENROLLED, days.ago(5, 25));
    },
  },
  ineligible: {
    ages: [4, 12],
    tell: (story, { days }) => {
      const meeting = days.ago(20, 200);
      untilMeeting(story, days, meeting);
      story.evaluated(days.schoolDay(addDays(meeting, -6)), false).notEligible(meeting);
    },
  },
  graduated: {
    ages: [18, 19],
    tell: (story, { days }) => {
      inForce(story, days, days.ago(200, 330));
      story.exit(days.ago(100, 170), ExitReason.GRADUATED, NonParticipationReason.GRADUATED);
    },
  },
  noLongerEligible: {
    ages: IN_SCHOOL,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(150, 330));
      story.exit(days.ago(20, 100), ExitReason.NO_LONGER_ELIGIBLE, NonParticipationReason.NO_LONGER_ELIGIBLE);
    },
  },
  movedOut: {
    ages: IN_SCHOOL,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(150, 330));
      story.exit(days.ago(20, 100), ExitReason.MOVED_CONTINUING);
    },
  },
  consentRefused: {
    ages: [3, 12],
    tell: (story, { days }) => void story.refer(days.ago(60, 90)).refuse(days.ago(20, 50)),
  },
  jurisdictionClosed: {
    ages: IN_SCHOOL,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(150, 300));
      story.leave(days.ago(10, 60));
    },
  },
  /** Louisiana: made official and submitted to the state. */
  submitted: {
    ages: ANY_AGE,
    tell: (story, { days }) => {
      inForce(story, days, days.ago(20, 330));
      story.submitted();
    },
  },
  /** New York City: mandates that nobody has on a caseload, with and without the first attend that opens the own path. */
  mandated: { ages: ANY_AGE, tell: (story, { days }) => void inForce(story, days, days.ago(10, 60), { earlier: 0 }) },
  mandatedAndAttended: {
    ages: ANY_AGE,
    tell: (story, { days, attendedBy }) => {
      inForce(story, days, days.ago(20, 60), { earlier: 0 });
      story.firstAttended(attendedBy!, days.ago(2, 12));
    },
  },
} satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof RECIPES;
/** The recipe in the general type. */
export const recipeOf = (name: RecipeName): Recipe => RECIPES[name];
