import { scopeComment } from '../../../platform/database/guard';
import { type CalendarDay, dayIn } from '../../../platform/dates';
import type { Session } from '../../../platform/scope/session';
import { DAILY, FactRefresh } from './fact-refresh.entity';
import { StudentFactRepository } from './student-fact.repository';

/** Column names without alias: the same words for a SELECT and an UPDATE. */
const OPEN = 'id = :daily AND (through IS NULL OR through < :today) AND (lease_until IS NULL OR lease_until < :now)';

/** The daily refresh as its processes see it, under a system session. */
export class FactRefreshRepository {
  constructor(private readonly session: Session) {}

  /** True when a day has begun that nobody has computed, and nobody is at it. */
  isDue(): Promise<boolean> {
    return this.session.manager.createQueryBuilder(FactRefresh, 'f').where(OPEN, this.moment).getExists();
  }

  /** Takes the day's work for this process; false when another one was faster. */
  async claim(owner: string, leaseUntil: Date): Promise<boolean> {
    const { affected } = await this.session.manager
      .createQueryBuilder()
      .update(FactRefresh)
      .set({ owner, leaseUntil })
      .where(OPEN, this.moment)
      .execute();
    return Boolean(affected);
  }

  async renew(owner: string, leaseUntil: Date): Promise<void> {
    await this.session.manager.update(FactRefresh, { id: DAILY, owner }, { leaseUntil });
  }

  /** Gives the work back: done through a day, or null for somebody else to begin anew. */
  async release(owner: string, through: CalendarDay | null): Promise<void> {
    const values = { ...(through && { through }), owner: null, leaseUntil: null };
    await this.session.manager.update(FactRefresh, { id: DAILY, owner }, values);
  }

  /** The day from which on time may have changed something; before the first run that of the oldest fact. */
  async since(): Promise<CalendarDay> {
    const { through } = await this.session.manager.findOneByOrFail(FactRefresh, { id: DAILY });
    if (through) return through;
    const oldest = await this.session.get(StudentFactRepository).oldestComputation();
    return oldest ? dayIn(this.session.principal.timeZone, oldest) : this.session.today;
  }

  /** Students of whom something that the read model shows has ended or begun since a day, as of another. */
  async changedBetween(since: CalendarDay, today: CalendarDay): Promise<string[]> {
    const passed = (from: string, to: string): string =>
      `((${to} >= ? AND ${to} < ?) OR (${from} > ? AND ${from} <= ?))`;
    const sql =
      `SELECT student_id AS id FROM pub_assignment WHERE role = 'CASE_MANAGER' AND revoked_at IS NULL AND ${passed('valid_from', 'valid_to')}` +
      ` UNION SELECT student_id AS id FROM pub_jurisdiction WHERE ${passed('begin_date', 'end_date')} ORDER BY id`;
    const days = [since, today, since, today];
    const rows = (await this.session.manager.query(scopeComment(this.session.scope.marker) + sql, [
      ...days,
      ...days,
    ])) as { id: string }[];
    return rows.map(({ id }) => id);
  }

  private get moment() {
    return { daily: DAILY, today: this.session.today, now: this.session.now };
  }
}
