import type { CalendarDay } from '../../../platform/dates';
import type { Session } from '../../../platform/scope/session';
import { ReportingPeriodInYear } from './reporting-period.entity';
import type { PeriodInYear } from './reporting-periods';

/** The rows of the report calendar. Nothing of a student. */
export class ReportingCalendarRepository {
  constructor(private readonly session: Session) {}

  /** Makes these the only periods counted from a day on. Two processes at once come to the same rows. */
  async replaceFrom(day: CalendarDay, periods: readonly PeriodInYear[]): Promise<void> {
    const { manager } = this.session;
    await manager
      .createQueryBuilder()
      .delete()
      .from(ReportingPeriodInYear)
      .where('census_day >= :day AND id NOT IN (:...ids)', { day, ids: periods.map(({ id }) => id) })
      .execute();
    await manager
      .createQueryBuilder()
      .insert()
      .into(ReportingPeriodInYear)
      .values([...periods])
      .orUpdate(['code', 'name', 'state_org_id', 'census_day', 'red_from', 'red_to'], ['id'])
      .updateEntity(false)
      .execute();
  }
}
