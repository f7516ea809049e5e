import { badInput } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { NamesRepository } from '../references/names.repository';
import {
  type ComplianceCount,
  type ComplianceReport,
  type ComplianceRow,
  type ComplianceSummary,
  GroupBy,
  type PeriodInput,
} from './compliance.inputs';
import { ComplianceRepository } from './compliance.repository';

const UNNAMED: Record<GroupBy, string> = { LEA: 'No district', SCHOOL: 'No school', CASE_MANAGER: 'No case manager' };

/** SER IEP Summary and its triennial twin (R-03, SER-122, SER-123). */
export class ComplianceService {
  constructor(private readonly session: Session) {}

  /**
   * Counts the reviews whose due day falls in the period, of students who are eligible and participating, within the
   * caller's scope. A review is *in* timeline when it was held on or before its due day, or when that day has not passed
   * (on the due day itself a meeting is on time); *out* when it was held later, or is overdue today. A student counts once
   * per review: the one that is due next, and the last one that was held.
   */
  async summary(
    report: ComplianceReport,
    groupBy: GroupBy,
    period: PeriodInput,
    organizationId: string | null,
  ): Promise<ComplianceSummary> {
    if (period.from > period.to) throw badInput('The period ends before it begins.', ['period']);
    const counts = await this.session
      .get(ComplianceRepository)
      .count(report, groupBy, period, organizationId, this.session.today);
    const all = counts.reduce<ComplianceCount>(
      (sum, each) => ({
        ...sum,
        inTimeline: sum.inTimeline + each.inTimeline,
        outOfTimeline: sum.outOfTimeline + each.outOfTimeline,
      }),
      { key: null, inTimeline: 0, outOfTimeline: 0 },
    );
    return { total: toRow(all, 'All', groupBy), groupBy, counts };
  }

  /** The groups of a summary, by name. */
  async rows({ groupBy, counts }: ComplianceSummary): Promise<ComplianceRow[]> {
    const labels = await this.labels(groupBy, counts);
    return counts
      .map((count) => toRow(count, labels.get(count.key ?? '') ?? count.key ?? UNNAMED[groupBy], groupBy))
      .sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
  }

  private async labels(groupBy: GroupBy, counts: readonly ComplianceCount[]): Promise<Map<string, string>> {
    const names = this.session.get(NamesRepository);
    const keys = counts.map((count) => count.key);
    if (groupBy === GroupBy.CASE_MANAGER) return names.providers(keys);
    return new Map([...(await names.organizations(keys))].map(([id, { name }]) => [id, name]));
  }
}

function toRow({ key, inTimeline, outOfTimeline }: ComplianceCount, label: string, groupBy: GroupBy): ComplianceRow {
  const total = inTimeline + outOfTimeline;
  const named = key === null ? null : { id: key };
  return {
    organization: groupBy === GroupBy.CASE_MANAGER ? null : named,
    caseManager: groupBy === GroupBy.CASE_MANAGER ? named : null,
    label,
    inTimeline,
    outOfTimeline,
    total,
    percent: total === 0 ? 100 : Math.round((inTimeline * 1000) / total) / 10,
  };
}
