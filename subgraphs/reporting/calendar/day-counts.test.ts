import {
  addBusinessDays,
  addCalendarDays,
  addMonths,
  addTolledDays,
  ageOn,
  anniversary,
  breaksOf,
  firstWednesdayOfOctober,
  type SchoolBreak,
  yearsLater,
} from './day-counts';
import { censusDay, REPORTING_PERIODS } from './reporting-periods';

const winter: SchoolBreak = { from: '2025-12-20', to: '2026-01-04', long: true };
const thanksgiving: SchoolBreak = { from: '2025-11-22', to: '2025-11-30', long: false };

describe('E.1 day counts: the vectors of the domain reference', () => {
  test('T-03 California counts 60 calendar days; a long break stops the clock (EC 56344)', () => {
    expect(addCalendarDays('2025-11-10', 60)).toBe('2026-01-09');
    expect(addTolledDays('2025-11-10', 60, [])).toBe('2026-01-09');
    expect(addTolledDays('2025-11-10', 60, [winter])).toBe('2026-01-25');
    expect(addTolledDays('2025-11-10', 60, [thanksgiving, winter])).toBe('2026-01-25');
    expect(addTolledDays('2025-11-10', 60, [thanksgiving])).toBe('2026-01-09');
  });

  test('T-01 California counts 15 calendar days', () => {
    expect(addTolledDays('2025-12-15', 15, [])).toBe('2025-12-30');
    expect(addTolledDays('2025-12-15', 15, [winter])).toBe('2026-01-15');
  });

  test('a school calendar overrides the calendar of the district', () => {
    expect(addTolledDays('2025-12-15', 15, breaksOf([winter], []))).toBe('2025-12-30');
    expect(addTolledDays('2025-12-15', 15, breaksOf([winter], null))).toBe('2026-01-15');
  });

  test('T-18 Louisiana counts 60 business days', () => {
    const one = (day: string) => ({ from: day, to: day });
    const closed = [
      ...['2025-11-11', '2025-11-27', '2025-11-28', '2026-01-19', '2026-02-16', '2026-02-17'].map(one),
      { from: '2025-12-22', to: '2026-01-02' },
    ];
    expect(addBusinessDays('2025-11-03', 60, { closed: [] })).toBe('2026-01-26');
    expect(addBusinessDays('2025-11-03', 60, { closed })).toBe('2026-02-13');
  });

  test('the first Wednesday of October', () => {
    expect([2023, 2024, 2025, 2026, 2027, 2028].map(firstWednesdayOfOctober)).toEqual([
      '2023-10-04',
      '2024-10-02',
      '2025-10-01',
      '2026-10-07',
      '2027-10-06',
      '2028-10-04',
    ]);
  });

  test('T-09 T-10 Part C: third birthday, notice 90 days before, two years and nine months', () => {
    const birth = '2022-11-15';
    expect(anniversary(birth, 3)).toBe('2025-11-15');
    expect(addCalendarDays(anniversary(birth, 3), -90)).toBe('2025-08-17');
    expect(addMonths(birth, 33)).toBe('2025-08-15');
    expect(addMonths('2025-01-31', 1)).toBe('2025-02-28');
  });

  test('T-07 "annual" is the anniversary, not 365 days; the rule can be switched', () => {
    expect(yearsLater('2024-02-28', 1)).toBe('2025-02-28');
    expect(yearsLater('2024-02-28', 1, 'DAYS_365')).toBe('2025-02-27');
    expect(yearsLater('2024-02-28', 1, 'DAYS_364')).toBe('2025-02-26');
    expect(yearsLater('2024-02-29', 1)).toBe('2025-02-28');
    expect(yearsLater('2024-02-29', 4)).toBe('2028-02-29');
  });

  test('completed years of age', () => {
    expect(ageOn('2015-10-02', '2025-10-01')).toBe(9);
    expect(ageOn('2015-10-01', '2025-10-01')).toBe(10);
  });

  test('E.3 census days', () => {
    const on = (code: string, year: number) =>
      censusDay(
        REPORTING_PERIODS.find((period) => period.code === code)!,
        year,
      );
    expect([on('CA-FALL1', 2024), on('LA-OCT1', 2025), on('CA-EOY', 2026), on('CA-CASEMIS-DEC', 2015)]).toEqual([
      '2024-10-02',
      '2025-10-01',
      '2026-06-30',
      '2015-12-01',
    ]);
  });
});
