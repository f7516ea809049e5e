import { addDays, type CalendarDay } from '../../platform/dates';

/** The census day of California's fall count: the first Wednesday of October (domain E.3). */
export function firstWednesdayOfOctober(year: number): CalendarDay {
  const first = `${year}-10-01`;
  const weekday = new Date(`${first}T00:00:00Z`).getUTCDay();
  return addDays(first, (3 - weekday + 7) % 7);
}

/** The last count day that is not in the future. */
export function latestCountDay(today: CalendarDay): CalendarDay {
  const year = Number(today.slice(0, 4));
  const thisYear = firstWednesdayOfOctober(year);
  return thisYear <= today ? thisYear : firstWednesdayOfOctober(year - 1);
}
