/**
 * Calendar days are `YYYY-MM-DD` strings from column to client: they carry no time zone and compare as text.
 * Instants are `Date` objects in UTC.
 */
const CALENDAR_DAY = /^\d{4}-\d{2}-\d{2}$/;
const MS_PER_DAY = 86_400_000;
const MS_PER_MINUTE = 60_000;

/** A calendar day, `YYYY-MM-DD`. */
export type CalendarDay = string;

/** True when the text is a day that exists: `2015-02-31` is not one. Years 1900 to 2199. */
export function isCalendarDay(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  if (!CALENDAR_DAY.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))];
  if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1) return false;
  // Every answered day comes by here: most are told without a calendar.
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const toUtc = (day: CalendarDay): number => Date.parse(`${day}T00:00:00Z`);
const fromUtc = (ms: number): CalendarDay => new Date(ms).toISOString().slice(0, 10);

/** The day `n` days after `day` (before it when `n` is negative). */
export function addDays(day: CalendarDay, n: number): CalendarDay {
  return fromUtc(toUtc(day) + n * MS_PER_DAY);
}

/** Days from `from` to `to`; negative when `to` lies before `from`. */
export function daysBetween(from: CalendarDay, to: CalendarDay): number {
  return Math.round((toUtc(to) - toUtc(from)) / MS_PER_DAY);
}

/** Same month and day `years` later; Feb 29 becomes Feb 28 (domain E.1 `anniversary`). */
export function anniversary(day: CalendarDay, years: number): CalendarDay {
  const shifted = `${String(Number(day.slice(0, 4)) + years).padStart(4, '0')}${day.slice(4)}`;
  return isCalendarDay(shifted) ? shifted : `${shifted.slice(0, 4)}-02-28`;
}

/** Completed years of age on a day (domain E.1 `ageOn`). */
export function ageOn(birth: CalendarDay, on: CalendarDay): number {
  const years = Number(on.slice(0, 4)) - Number(birth.slice(0, 4));
  return on.slice(5) < birth.slice(5) ? years - 1 : years;
}

/** The calendar day that an instant falls on in a time zone (IANA name). */
export function dayIn(timeZone: string, instant: Date): CalendarDay {
  const minute = Math.floor(instant.getTime() / MS_PER_MINUTE);
  const known = lastDays.get(timeZone);
  if (known?.minute === minute) return known.day;
  const day = formatter(timeZone).format(instant);
  lastDays.set(timeZone, { minute, day });
  return day;
}

/** Of each zone the day that was asked for last: everywhere a day begins with a minute, and "today" is asked for all the time. */
const lastDays = new Map<string, { minute: number; day: CalendarDay }>();

/** The first instant of a day in a time zone. No zone is further from UTC than 14 hours. */
export function startOfDay(timeZone: string, day: CalendarDay): Date {
  let before = toUtc(day) - 15 * 3_600_000;
  let within = toUtc(day) + 15 * 3_600_000;
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (dayIn(timeZone, new Date(middle)) < day) before = middle;
    else within = middle;
  }
  return new Date(within);
}

const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(timeZone: string): Intl.DateTimeFormat {
  let known = formatters.get(timeZone);
  if (!known) {
    known = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formatters.set(timeZone, known);
  }
  return known;
}
