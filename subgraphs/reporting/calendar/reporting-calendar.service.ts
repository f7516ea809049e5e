import type { Clock } from '../../../platform/clock';
import type { Database } from '../../../platform/database/database';
import { systemSession } from '../../../platform/scope/session';
import { ReportingCalendarRepository } from './reporting-calendar.repository';
import { periodsOfYears } from './reporting-periods';

/** How far the calendar reaches. Every `npm run migrate` and every start of `npm start` moves it on. */
const YEARS_AHEAD = 10;

/**
 * Writes the report calendar from last year to ten years ahead, by the rules of `reporting-periods.ts`: a new year needs no
 * change of code, a changed rule comes into the rows with the next run, and a run more changes nothing. It belongs to
 * migrating, because servers only verify their database.
 */
export async function writeReportingCalendar(database: Database, clock: Clock): Promise<void> {
  await database.write(async (manager) => {
    const session = systemSession({ manager, engine: database.engine, clock, writing: true }, 'reporting-calendar');
    const first = Number(session.today.slice(0, 4)) - 1;
    const periods = periodsOfYears(first, first + 1 + YEARS_AHEAD);
    await session.get(ReportingCalendarRepository).replaceFrom(`${first}-01-01`, periods);
  });
}
