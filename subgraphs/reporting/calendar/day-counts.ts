import { addDays, ageOn, anniversary, type CalendarDay } from '../../../platform/dates';

/** The day-count functions of domain E.1. Pure; every due date of this subgraph is built from them. */
export { ageOn, anniversary };

/** How "a year later" is counted. California counts by anniversary: 365 days after 2024-02-28 is not 2025-02-28. */
export type AnnualRule = 'ANNIVERSARY' | 'DAYS_365' | 'DAYS_364';

/** An interval without school, first to last calendar day, weekends included. */
export interface SchoolBreak {
  from: CalendarDay;
  to: CalendarDay;
  /**
   * True when the break takes away more than five school days (California Education Code 56344). Chosen by the
   * administrator and not inferred: SIRAS has an event type for each.
   */
  long: boolean;
}

/** Days on which nobody works, beside Saturdays and Sundays. */
export interface BusinessCalendar {
  closed: readonly { from: CalendarDay; to: CalendarDay }[];
}

/** The day `n` calendar days after `day`: the day after it is day 1, and every day counts. */
export const addCalendarDays = (day: CalendarDay, n: number): CalendarDay => addDays(day, n);

/** As `addCalendarDays`, but the days inside a long break do not count (EC 56344). */
export function addTolledDays(day: CalendarDay, n: number, breaks: readonly SchoolBreak[]): CalendarDay {
  const long = breaks.filter((each) => each.long);
  return addCountedDays(day, n, (candidate) => !inside(candidate, long));
}

/** Monday to Friday, less the days that the state or LEA closes (Louisiana's SER calendar). */
export function addBusinessDays(day: CalendarDay, n: number, { closed }: BusinessCalendar): CalendarDay {
  return addCountedDays(day, n, (candidate) => !isWeekend(candidate) && !inside(candidate, closed));
}

/** The breaks that count for a school: its own calendar where it has one, else the district's. */
export function breaksOf(
  district: readonly SchoolBreak[],
  school: readonly SchoolBreak[] | null,
): readonly SchoolBreak[] {
  return school ?? district;
}

/** `years` later under the jurisdiction's rule; a meeting on that day is on time. */
export function yearsLater(day: CalendarDay, years: number, rule: AnnualRule = 'ANNIVERSARY'): CalendarDay {
  if (rule === 'ANNIVERSARY') return anniversary(day, years);
  return addDays(day, years * (rule === 'DAYS_365' ? 365 : 364));
}

/** The same day of the month `n` months later; the last day of a shorter month. */
export function addMonths(day: CalendarDay, n: number): CalendarDay {
  const months = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + n;
  const [year, month] = [Math.floor(months / 12), months % 12];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const date = Math.min(Number(day.slice(8)), last);
  return `${year}-${String(month + 1).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
}

/** California's fall census day. */
export function firstWednesdayOfOctober(year: number): CalendarDay {
  const WEDNESDAY = 3;
  const first = `${year}-10-01`;
  return addDays(first, (WEDNESDAY - weekday(first) + 7) % 7);
}

function addCountedDays(day: CalendarDay, n: number, counts: (day: CalendarDay) => boolean): CalendarDay {
  let current = day;
  for (let left = n; left > 0;) {
    current = addDays(current, 1);
    if (counts(current)) left -= 1;
  }
  return current;
}

const weekday = (day: CalendarDay): number => new Date(`${day}T00:00:00Z`).getUTCDay();
const isWeekend = (day: CalendarDay): boolean => weekday(day) === 0 || weekday(day) === 6;
const inside = (day: CalendarDay, spans: readonly { from: CalendarDay; to: CalendarDay }[]): boolean =>
  spans.some(({ from, to }) => from <= day && day <= to);
