import { type CalendarDay, daysBetween } from '../../../platform/dates';
import { addCalendarDays, type AnnualRule, yearsLater } from '../calendar/day-counts';

/** The kinds of due date that are computed here, each with the rule of domain E.2 that it follows. */
export const DUE_DATE_RULES = {
  ANNUAL_REVIEW: 'T-07',
  TRIENNIAL_REVIEW: 'T-08',
  AFFIRMATION: 'T-14',
  OPEN_MEETING: 'T-16',
} as const;
export type DueKind = keyof typeof DUE_DATE_RULES;
export const DUE_KINDS = Object.keys(DUE_DATE_RULES) as DueKind[];

/** SEIS-80: an IEP is affirmed within seven days of its meeting. */
export const AFFIRM_DAYS = 7;
/** SIRAS-74: a meeting event is open at most 90 days. */
export const OPEN_MEETING_DAYS = 90;

/** The rule of a state for "annual" and "triennial"; a state that is not named counts by anniversary (domain E.1). */
const ANNUAL_RULE_BY_STATE: Readonly<Record<string, AnnualRule>> = {
  'state-ca': 'ANNIVERSARY',
  'state-la': 'ANNIVERSARY',
  'state-ny': 'ANNIVERSARY',
};

/** Statuses under which no plan is in force, so that no review falls due (16.21 looks at students with status 1). */
const WITHOUT_REVIEWS = new Set([
  'ELIGIBLE_NO_PLAN',
  'ELIGIBLE_NOT_ENROLLED',
  'INELIGIBLE',
  'EXITED',
  'INACTIVE_NOT_REPORTED',
]);
/** Statuses under which no meeting is awaited either; a team still meets about a student without a plan. */
const WITHOUT_MEETINGS = new Set(['ELIGIBLE_NOT_ENROLLED', 'INELIGIBLE', 'EXITED', 'INACTIVE_NOT_REPORTED']);

/** An IEP document, as far as clocks look at it. Days may be null where nothing happened yet. */
export interface IepDates {
  id: string;
  state: string;
  kind: string;
  parentIepId: string | null;
  /** The affirmed document that this one was reactivated from. */
  reactivatesIepId?: string | null;
  meetingDate: CalendarDay | null;
  heldOn: CalendarDay | null;
  openedOn: CalendarDay | null;
  affirmedOn: CalendarDay | null;
  planReviewDate: CalendarDay | null;
}

export interface StudentDates {
  status: string;
  stateOrgId: string | null;
  ieps: readonly IepDates[];
  /** Days on which evaluations (or waivers of one) were completed. */
  evaluations: readonly CalendarDay[];
}

/** A review that was held: when it was due and when it took place. */
export interface HeldReview {
  due: CalendarDay;
  held: CalendarDay;
}

export interface ComputedDates {
  due: Record<DueKind, CalendarDay | null>;
  planReviewDate: CalendarDay | null;
  /** The last review before the one that is due next, for the count of reviews held in time. */
  lastAnnual: HeldReview | null;
  lastTriennial: HeldReview | null;
  /** Sessions of the meeting that awaits affirmation: more than one means tabled and reconvened (SEIS-92). */
  sessions: number;
}

/** Computes the clocks of a student. Does not know today: whether a date is overdue is asked when it is shown. */
export function computeDates({ status, stateOrgId, ieps, evaluations }: StudentDates): ComputedDates {
  const rule = ANNUAL_RULE_BY_STATE[stateOrgId ?? ''] ?? 'ANNIVERSARY';
  const reviews = latestFirst(
    ieps.filter((iep) => iep.state === 'CURRENT' || iep.state === 'HISTORY').map((iep) => iep.planReviewDate),
  );
  const inForce = ieps.find((iep) => iep.state === 'CURRENT')?.planReviewDate ?? null;
  const evaluated = latestFirst(evaluations);
  const waiting = ieps
    .filter((iep) => iep.state === 'IN_REVIEW' && iep.affirmedOn === null)
    .map((iep) => sessionsOf(iep, ieps));
  const open = ieps.filter((iep) => OPEN_STATES.has(iep.state) && iep.openedOn !== null).map((iep) => iep.openedOn!);
  const reviewed = !WITHOUT_REVIEWS.has(status);
  const meeting = !WITHOUT_MEETINGS.has(status);
  return {
    due: {
      ANNUAL_REVIEW: reviewed && inForce ? yearsLater(inForce, 1, rule) : null,
      TRIENNIAL_REVIEW: reviewed && evaluated[0] ? yearsLater(evaluated[0], 3, rule) : null,
      AFFIRMATION: meeting ? earliest(waiting.map((sessions) => affirmDue(sessions))) : null,
      OPEN_MEETING: meeting ? earliest(open.map((day) => addCalendarDays(day, OPEN_MEETING_DAYS))) : null,
    },
    planReviewDate: inForce,
    lastAnnual: lastHeld(reviews, 1, rule),
    lastTriennial: lastHeld(evaluated, 3, rule),
    sessions: Math.max(0, ...waiting.map((sessions) => sessions.length)),
  };
}

/** Documents that are worked on (domain C.2). */
export const OPEN_STATES: ReadonlySet<string> = new Set(['DRAFT', 'IN_REVIEW', 'AMENDED_DRAFT']);

/**
 * The meeting's sessions, this one first: a continued meeting hangs on the document that it continues. An amendment also
 * has a parent, but is no session of its meeting.
 */
function sessionsOf(iep: IepDates, all: readonly IepDates[]): IepDates[] {
  const sessions = [iep];
  for (let last = iep; last.parentIepId && last.kind !== 'AMENDMENT';) {
    const parent = all.find((each) => each.id === last.parentIepId);
    if (!parent || sessions.includes(parent)) break;
    sessions.push(parent);
    last = parent;
  }
  return sessions;
}

/**
 * T-14, from the first session: reconvening does not restart the clock. A reactivated document was affirmed once before:
 * its clock starts on the day of the reactivation.
 */
function affirmDue(sessions: readonly IepDates[]): CalendarDay | null {
  const first = sessions[0]?.reactivatesIepId
    ? sessions[0].openedOn
    : earliest(sessions.map((session) => session.meetingDate ?? session.heldOn));
  return first && addCalendarDays(first, AFFIRM_DAYS);
}

/** The latest review was the answer to the one before it. */
function lastHeld([held, before]: readonly CalendarDay[], years: number, rule: AnnualRule): HeldReview | null {
  return held && before ? { due: yearsLater(before, years, rule), held } : null;
}

const latestFirst = (days: readonly (CalendarDay | null)[]): CalendarDay[] =>
  [...new Set(days.filter((day): day is CalendarDay => day !== null))].sort().reverse();

/** The first of the days that are set. */
export function earliest(days: readonly (CalendarDay | null)[]): CalendarDay | null {
  return days.reduce((first, day) => (day !== null && (first === null || day < first) ? day : first), null);
}

/** A due date as it stands today. */
export interface DueOn {
  kind: DueKind;
  dueOn: CalendarDay;
  /** On the due day itself a meeting is still in time. */
  overdue: boolean;
  /** Negative when overdue. */
  daysLeft: number;
  rule: string;
}

/** The due dates that are set, the most urgent first. */
export function dueOn(due: Record<DueKind, CalendarDay | null>, today: CalendarDay): DueOn[] {
  return DUE_KINDS.flatMap((kind) => {
    const day = due[kind];
    return day
      ? [{ kind, dueOn: day, overdue: day < today, daysLeft: daysBetween(today, day), rule: DUE_DATE_RULES[kind] }]
      : [];
  }).sort((a, b) => a.daysLeft - b.daysLeft);
}
