import type { CalendarDay } from '../../../platform/dates';
import { AccessWriter } from '../../../platform/scope/access-writer';
import type { Session } from '../../../platform/scope/session';
import { assignmentChanged } from '../events';
import { OwnershipRepository } from '../ownership/ownership.repository';
import type { ProviderAssignment } from './assignment.entity';
import type { AssignmentRole, AssignmentSource } from './assignment.enums';
import { AssignmentRepository } from './assignment.repository';

export interface NewAssignment {
  studentId: string;
  provider: { id: string; accountId: string | null };
  role: AssignmentRole;
  leaId: string;
  serviceId?: string | null;
  validFrom: CalendarDay;
  validTo?: CalendarDay | null;
  source: AssignmentSource;
}

const granteeOf = (accountId: string): string => `STAFF:${accountId}`;

/**
 * Opens and ends assignments together with the access that hangs on them, in the caller's transaction and under the
 * student's lock. Being assigned is what lets somebody see the student (SESIS-15); the last assignment that ends takes the
 * access away at once.
 */
export class AssignmentAccess {
  private readonly assignments: AssignmentRepository;
  private readonly access: AccessWriter;

  constructor(private readonly session: Session) {
    this.assignments = session.get(AssignmentRepository);
    this.access = session.get(AccessWriter);
  }

  /** Opens an assignment; one that is open already for the same role and service stays as it is. */
  async open({
    studentId,
    provider,
    role,
    leaId,
    serviceId = null,
    validFrom,
    validTo = null,
    source,
  }: NewAssignment): Promise<ProviderAssignment> {
    const standing = await this.assignments.findOpen(studentId);
    const same = standing.find(
      (row) =>
        row.providerId === provider.id && row.role === role && row.serviceId === serviceId && row.leaId === leaId,
    );
    if (same) return same;
    const { accountId } = provider;
    const until = await this.withinPeriod(studentId, leaId, validTo);
    const row = await this.assignments.insert({
      studentId,
      providerId: provider.id,
      accountId,
      role,
      leaId,
      serviceId,
      validFrom,
      validTo: until,
      plannedTo: validTo,
      revokedAt: null,
      source,
    });
    if (accountId)
      await this.access.open({
        studentId,
        grantee: granteeOf(accountId),
        relation: role,
        leaId,
        validFrom,
        validTo: until,
        plannedTo: validTo,
      });
    await this.session.emit(assignmentChanged, studentId, { providerId: provider.id });
    return row;
  }

  /**
   * Ends assignments of one student at once, or with a last day that is still to come.
   * @param isWhole the last day is the student's to the end, as before a claim; otherwise today means now
   */
  async end(
    rows: readonly ProviderAssignment[],
    lastDay: CalendarDay = this.session.today,
    { isWhole = false }: { isWhole?: boolean } = {},
  ): Promise<void> {
    const { today, now } = this.session;
    const isPlanned = isWhole ? lastDay >= today : lastDay > today;
    const earlier = (day: CalendarDay | null): CalendarDay => (day !== null && day < lastDay ? day : lastDay);
    for (const row of rows) {
      // A claim leaves what was planned: it may be withdrawn.
      const plannedTo = isWhole ? row.plannedTo : earlier(row.plannedTo);
      await this.assignments.update(
        row.id,
        isPlanned ? { validTo: earlier(row.validTo), plannedTo } : { revokedAt: now },
      );
    }
    for (const row of distinctAccess(rows)) await this.settle(row);
    for (const providerId of new Set(rows.map((row) => row.providerId))) {
      await this.session.emit(assignmentChanged, rows[0]!.studentId, { providerId });
    }
  }

  /** Lets assignments that a claim has ended early go on as planned: the claim was withdrawn. */
  async restore(rows: readonly ProviderAssignment[]): Promise<void> {
    for (const { id, studentId, leaId, plannedTo } of rows)
      await this.assignments.update(id, { validTo: await this.withinPeriod(studentId, leaId, plannedTo) });
    for (const row of distinctAccess(rows)) await this.settle(row, { isAnew: true });
    for (const providerId of new Set(rows.map((row) => row.providerId)))
      await this.session.emit(assignmentChanged, rows[0]!.studentId, { providerId });
  }

  /**
   * Keeps as much access as the open assignments of the account give.
   * @param isAnew also where access without a last day is expected to stand already
   */
  private async settle(
    { studentId, accountId, role }: ProviderAssignment,
    { isAnew = false }: { isAnew?: boolean } = {},
  ): Promise<void> {
    if (!accountId) return;
    const left = await this.assignments.findOpenOfAccount(studentId, accountId, role);
    if (!isAnew && left.some((row) => row.validTo === null)) return;
    const grantee = granteeOf(accountId);
    await this.access.revoke({ studentId, grantee, relation: role });
    for (const { leaId, validFrom, validTo, plannedTo } of left) {
      const until = await this.withinPeriod(studentId, leaId, validTo);
      await this.access.open({ studentId, grantee, relation: role, leaId, validFrom, validTo: until, plannedTo });
    }
  }

  /** No right through an LEA outlives its jurisdiction: of a claim for a coming day it ends on the day before. */
  private async withinPeriod(
    studentId: string,
    leaId: string,
    validTo: CalendarDay | null,
  ): Promise<CalendarDay | null> {
    const lastDay = await this.session.get(OwnershipRepository).lastDayOf(studentId, leaId);
    return lastDay !== null && (validTo === null || lastDay < validTo) ? lastDay : validTo;
  }
}

/** One row per account and role. */
function distinctAccess(rows: readonly ProviderAssignment[]): ProviderAssignment[] {
  return [...new Map(rows.map((row) => [`${row.accountId} ${row.role}`, row])).values()];
}
