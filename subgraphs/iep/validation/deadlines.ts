import { anniversary, type CalendarDay } from '../../../platform/dates';
import type { Evaluation } from '../evaluation/evaluation.entity';
import type { Iep } from '../document/iep.entity';
import { IepState } from '../document/iep-codes';
import type { Rule } from './rules';

/** What the deadlines of a student hang on. */
export interface StudentCase {
  status: string;
  /** The open and the current IEP. */
  ieps: readonly Iep[];
  evaluations: readonly Evaluation[];
  today: CalendarDay;
}

/** A rule about a student as a whole: no document is at fault, time has passed. */
export interface DeadlineRule extends Rule {
  /** The day that was missed; null when none was. */
  missed(subject: StudentCase): CalendarDay | null;
}

/** Statuses under which no plan is in force, so that no review falls due (16.21). */
const WITHOUT_REVIEWS: readonly string[] = [
  'ELIGIBLE_NO_PLAN',
  'ELIGIBLE_NOT_ENROLLED',
  'INELIGIBLE',
  'EXITED',
  'INACTIVE_NOT_REPORTED',
];
/** A team still meets about an eligible student without a plan; about these no meeting is awaited. */
const WITHOUT_MEETINGS = WITHOUT_REVIEWS.filter((status) => status !== 'ELIGIBLE_NO_PLAN');

export const awaitsMeetings = (status: string): boolean => !WITHOUT_MEETINGS.includes(status);

/** On the due day itself a review is in time. */
function missedAfter({ status, today }: StudentCase, from: CalendarDay | null, years: number): CalendarDay | null {
  if (!from || WITHOUT_REVIEWS.includes(status)) return null;
  const due = anniversary(from, years);
  return due < today ? due : null;
}

/** The rules of domain D.3 that time alone breaks. `dueDates` of the reporting subgraph counts the same days. */
export const DEADLINE_RULES: readonly DeadlineRule[] = [
  {
    id: 'V-208',
    when: ['nightly'],
    severity: 'ALERT',
    message: 'The annual review is late.',
    fix: 'Hold the annual review.',
    source: '34 CFR 300.324(b); T-07',
    missed(subject) {
      const inForce = subject.ieps.find((iep) => iep.state === IepState.CURRENT);
      return missedAfter(subject, inForce?.planReviewDate ?? null, 1);
    },
  },
  {
    id: 'V-209',
    when: ['nightly'],
    severity: 'ALERT',
    message: 'The re-evaluation is late.',
    fix: 'Evaluate the student, or record that parent and agency agree that it is not needed.',
    source: '34 CFR 300.303; T-08',
    missed(subject) {
      const last = subject.evaluations.reduce<CalendarDay | null>(
        (latest, { completedOn }) => (completedOn && (!latest || completedOn > latest) ? completedOn : latest),
        null,
      );
      return missedAfter(subject, last, 3);
    },
  },
];
