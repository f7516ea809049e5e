import { readValues } from '../../../platform/database/read-entities';
import type { CalendarDay } from '../../../platform/dates';
import { assertFresh } from '../../../platform/scope/epoch';
import { ofOrganization, StudentFactRepository } from '../fact/student-fact.repository';
import type { ComplianceCount, ComplianceReport, GroupBy, PeriodInput } from './compliance.inputs';

/** Columns of the review that is due next and of the one that was held last. */
const REVIEWS: Record<ComplianceReport, { due: string; lastDue: string; lastHeld: string }> = {
  ANNUAL_REVIEW: { due: 'f.annualDue', lastDue: 'f.lastAnnualDue', lastHeld: 'f.lastAnnualHeld' },
  TRIENNIAL_REVIEW: { due: 'f.triennialDue', lastDue: 'f.lastTriennialDue', lastHeld: 'f.lastTriennialHeld' },
};
const KEYS: Record<GroupBy, string> = { LEA: 'f.leaId', SCHOOL: 'f.schoolId', CASE_MANAGER: 'f.caseManagerProviderId' };

export class ComplianceRepository extends StudentFactRepository {
  /** One statement: per group, the reviews that fall due in the period, in and out of timeline as of `today`. */
  async count(
    report: ComplianceReport,
    groupBy: GroupBy,
    period: PeriodInput,
    organizationId: string | null,
    today: CalendarDay,
  ): Promise<ComplianceCount[]> {
    const { due, lastDue, lastHeld } = REVIEWS[report];
    const sum = (open: string, held: string): string =>
      `SUM(CASE WHEN ${due} BETWEEN :from AND :to AND ${due} ${open} :today THEN 1 ELSE 0 END` +
      ` + CASE WHEN ${lastDue} BETWEEN :from AND :to AND ${lastHeld} ${held} ${lastDue} THEN 1 ELSE 0 END)`;
    const query = this.driven('f')
      .andWhere("f.hidden = 0 AND f.status = 'ELIGIBLE_ACTIVE'")
      .andWhere(`(${due} BETWEEN :from AND :to OR ${lastDue} BETWEEN :from AND :to)`, {
        from: period.from,
        to: period.to,
        today,
      })
      .select(KEYS[groupBy], 'key')
      .addSelect(sum('>=', '<='), 'inside')
      .addSelect(sum('<', '>'), 'outside')
      .groupBy(KEYS[groupBy]);
    ofOrganization(query, organizationId);
    type Row = { key: string | null; inside: number | string; outside: number | string };
    const rows = await readValues<Row>(this.session, query);
    if (rows.length === 0) await assertFresh(this.session);
    return rows.map(({ key, inside, outside }) => ({
      key,
      inTimeline: Number(inside),
      outOfTimeline: Number(outside),
    }));
  }
}
