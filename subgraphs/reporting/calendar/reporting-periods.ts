import type { CalendarDay } from '../../../platform/dates';
import { firstWednesdayOfOctober } from './day-counts';

/** A day of the year on which records are counted. */
export type CensusRule = 'FIRST_WEDNESDAY_OF_OCTOBER' | { month: number; day: number };

/** A period under which a state collects counts (domain E.3). */
export interface ReportingPeriod {
  code: string;
  name: string;
  stateId: string | null;
  census: CensusRule;
  /** Kept for old counts only. */
  historic: boolean;
  source: string;
}

export const REPORTING_PERIODS: readonly ReportingPeriod[] = [
  {
    code: 'CA-CASEMIS-DEC',
    name: 'CASEMIS December',
    stateId: 'state-ca',
    census: { month: 12, day: 1 },
    historic: true,
    source: 'SEIS S1',
  },
  {
    code: 'CA-CASEMIS-JUN',
    name: 'CASEMIS June',
    stateId: 'state-ca',
    census: { month: 6, day: 30 },
    historic: true,
    source: 'SEIS S1',
  },
  {
    code: 'CA-FALL1',
    name: 'CALPADS Fall 1',
    stateId: 'state-ca',
    census: 'FIRST_WEDNESDAY_OF_OCTOBER',
    historic: false,
    source: 'CALPADS Fall 1 roadmap',
  },
  {
    code: 'CA-EOY',
    name: 'CALPADS end of year',
    stateId: 'state-ca',
    census: { month: 6, day: 30 },
    historic: false,
    source: 'CALPADS EOY',
  },
  {
    code: 'LA-OCT1',
    name: 'October 1 IDEA child count',
    stateId: 'state-la',
    census: { month: 10, day: 1 },
    historic: false,
    source: 'SER-145',
  },
  {
    code: 'FED-618',
    name: 'IDEA section 618 child count',
    stateId: null,
    census: { month: 10, day: 1 },
    historic: false,
    source: 'IDEA 618',
  },
];

/** The census day of a period in a calendar year. */
export function censusDay({ census }: ReportingPeriod, year: number): CalendarDay {
  if (census === 'FIRST_WEDNESDAY_OF_OCTOBER') return firstWednesdayOfOctober(year);
  return `${year}-${String(census.month).padStart(2, '0')}-${String(census.day).padStart(2, '0')}`;
}

/** The last census day of each period that is not in the future, without doubles, the earliest first. */
export function lastCountDays(today: CalendarDay): CalendarDay[] {
  const year = Number(today.slice(0, 4));
  const days = REPORTING_PERIODS.map((period) => {
    const day = censusDay(period, year);
    return day <= today ? day : censusDay(period, year - 1);
  });
  return [...new Set(days)].sort();
}
