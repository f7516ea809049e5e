import { addDays, type CalendarDay } from '../../../platform/dates';
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
  /**
   * How many days before the census day the red window opens (SEIS-46); null: this period opens none. The census day itself is
   * the last day of the window: on it the records are counted.
   */
  redWindowDays: number | null;
  source: string;
}

/** SEIS-46 says "in the weeks before each report date" and gives no number: six are ours [design]. */
const SIX_WEEKS = 42;

export const REPORTING_PERIODS: readonly ReportingPeriod[] = [
  {
    code: 'CA-CASEMIS-DEC',
    name: 'CASEMIS December',
    stateId: 'state-ca',
    census: { month: 12, day: 1 },
    historic: true,
    redWindowDays: null,
    source: 'SEIS S1',
  },
  {
    code: 'CA-CASEMIS-JUN',
    name: 'CASEMIS June',
    stateId: 'state-ca',
    census: { month: 6, day: 30 },
    historic: true,
    redWindowDays: null,
    source: 'SEIS S1',
  },
  {
    code: 'CA-FALL1',
    name: 'CALPADS Fall 1',
    stateId: 'state-ca',
    census: 'FIRST_WEDNESDAY_OF_OCTOBER',
    historic: false,
    redWindowDays: SIX_WEEKS,
    source: 'CALPADS Fall 1 roadmap',
  },
  {
    code: 'CA-EOY',
    name: 'CALPADS end of year',
    stateId: 'state-ca',
    census: { month: 6, day: 30 },
    historic: false,
    redWindowDays: SIX_WEEKS,
    source: 'CALPADS EOY',
  },
  {
    code: 'LA-OCT1',
    name: 'October 1 IDEA child count',
    stateId: 'state-la',
    census: { month: 10, day: 1 },
    historic: false,
    redWindowDays: SIX_WEEKS,
    source: 'SER-145',
  },
  {
    // Counted from what the states report: it has no state whose fields it could close.
    code: 'FED-618',
    name: 'IDEA section 618 child count',
    stateId: null,
    census: { month: 10, day: 1 },
    historic: false,
    redWindowDays: null,
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

/** A reporting period in one year: when it counts, and when the fields that it counts are closed. */
export interface PeriodInYear {
  /** Code and year, such as `CA-FALL1-2026`. */
  id: string;
  code: string;
  name: string;
  stateOrgId: string | null;
  censusDay: CalendarDay;
  redFrom: CalendarDay | null;
  redTo: CalendarDay | null;
}

/** The periods that are still counted, with their days in each year from `first` to `last`. */
export function periodsOfYears(first: number, last: number): PeriodInYear[] {
  const years = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return REPORTING_PERIODS.filter((period) => !period.historic).flatMap((period) =>
    years.map((year) => {
      const census = censusDay(period, year);
      const { code, name, stateId: stateOrgId, redWindowDays } = period;
      const red =
        redWindowDays === null
          ? { redFrom: null, redTo: null }
          : { redFrom: addDays(census, -redWindowDays), redTo: census };
      return { id: `${code}-${year}`, code, name, stateOrgId, censusDay: census, ...red };
    }),
  );
}
