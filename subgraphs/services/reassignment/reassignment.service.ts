import { badInput, PublicError, reject, type RuleError } from '../../../platform/errors';
import type { Outcome } from '../../../platform/idempotency';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { AssignmentAccess } from '../assignment/assignment.access';
import type { ProviderAssignment } from '../assignment/assignment.entity';
import { AssignmentRepository } from '../assignment/assignment.repository';
import { AssignmentService } from '../assignment/assignment.service';
import { OwnershipRepository } from '../ownership/ownership.repository';
import { OwnershipService } from '../ownership/ownership.service';
import type { Provider } from '../provider/provider.entity';
import { ProviderRepository } from '../provider/provider.repository';
import { ServiceRepository } from '../service/service.repository';
import type { ReassignProvidersInput } from './reassignment.inputs';

const MAX_ID = 64;
const MAX_PICKED = 500;

/** Runs one act of its own transaction for one student. */
export type MutateEach = (studentId: string, work: (session: Session) => Promise<WriteResult>) => Promise<Outcome>;

export interface ReassignedStudent {
  studentId: string;
  studentName: string | null;
  error: RuleError | null;
}

/** Bulk update of providers (SER-115..121): each student is a transaction of its own, so that one failure stops no other. */
export class ReassignmentService {
  constructor(private readonly session: Session) {}

  /** @throws V-064 unless both providers exist and differ */
  async reassign(input: ReassignProvidersInput, mutateEach: MutateEach): Promise<ReassignedStudent[]> {
    const studentIds = await this.pick(input);
    const names = await this.session.get(OwnershipRepository).names(studentIds);
    await this.assertTwoProviders(input, [...names.keys()]);
    const results: ReassignedStudent[] = [];
    for (const studentId of studentIds) {
      const reason = await this.tryOne(studentId, mutateEach, input);
      const studentName = names.get(studentId) ?? null;
      results.push({
        studentId,
        studentName,
        error: reason === null ? null : this.rowError(studentId, studentName, reason),
      });
    }
    return results;
  }

  /** Both must be providers whom the caller's lists or the picked students in scope show; others do not exist. */
  private async assertTwoProviders(
    { fromProviderId, toProviderId }: ReassignProvidersInput,
    studentIds: readonly string[],
  ): Promise<void> {
    const known = async (id: string): Promise<boolean> =>
      (await this.session.get(ProviderRepository).findVisible(id)) !== null || (await this.isShown(id, studentIds));
    const path = !(await known(fromProviderId))
      ? 'fromProviderId'
      : toProviderId === fromProviderId || !(await known(toProviderId))
        ? 'toProviderId'
        : null;
    if (path === null) return;
    throw reject('V-064', 'The old and the new provider must be two different providers that exist: correct them.', [
      path,
    ]);
  }

  /** True for somebody who serves one of the students, or may be assigned to one. */
  private async isShown(providerId: string, studentIds: readonly string[]): Promise<boolean> {
    const serves = (await this.studentsOf(providerId)).some((id) => studentIds.includes(id));
    if (serves) return true;
    const owners = await Promise.all(studentIds.map((id) => this.session.get(OwnershipRepository).owner(id)));
    const leas = [...new Set(owners.flatMap((owner) => owner?.leaId ?? []))];
    return this.session.get(ProviderRepository).mayServe(providerId, leas);
  }

  /** Students in scope whom the provider serves, or whose draft plan names the provider. */
  private async studentsOf(providerId: string): Promise<string[]> {
    const assignments = await this.session.get(AssignmentRepository).findOpenOfProvider(providerId);
    const services = await this.session.get(ServiceRepository).findOpenOfProvider(providerId);
    return [...new Set([...assignments, ...services].map((row) => row.studentId))].sort();
  }

  private async pick({ studentIds, all, fromProviderId }: ReassignProvidersInput): Promise<string[]> {
    if (all === (studentIds?.length ?? 0) > 0)
      throw badInput('Pick students, or set `all`: one of the two.', ['studentIds']);
    if (all) return this.studentsOf(fromProviderId);
    if (studentIds!.length > MAX_PICKED) throw badInput(`Pick at most ${MAX_PICKED} students.`, ['studentIds']);
    // Each is named in its row's message.
    if (studentIds!.some((id) => id.length > MAX_ID)) throw badInput('One of these is no id.', ['studentIds']);
    return [...new Set(studentIds)];
  }

  /** The reason why the student wasn't handed over, or null. */
  private async tryOne(
    studentId: string,
    mutateEach: MutateEach,
    input: ReassignProvidersInput,
  ): Promise<string | null> {
    try {
      const { errors } = await mutateEach(studentId, async (session) => {
        await session.get(Handover).run(studentId, input.fromProviderId, input.toProviderId);
        return { ids: { student: studentId } };
      });
      return errors.length === 0 ? null : errors.map((error) => error.message).join(' ');
    } catch (error) {
      // Rights that changed meanwhile concern the whole call; what concerns one student becomes its row.
      if (error instanceof PublicError && (error.code === 'NOT_FOUND' || error.code === 'CONFLICT'))
        return error.message;
      throw error;
    }
  }

  private rowError(studentId: string, name: string | null, reason: string): RuleError {
    const mayName = this.session.principal.capabilities.includes('student.demographics:read');
    return {
      code: 'V-063',
      message: `${(mayName && name) || studentId} was not reassigned: ${reason}`,
      path: ['studentIds'],
      severity: 'ERROR',
    };
  }
}

/** One student handed over from one provider to another, inside a transaction. */
export class Handover {
  constructor(private readonly session: Session) {}

  async run(studentId: string, fromProviderId: string, toProviderId: string): Promise<void> {
    await this.session.lock(studentId);
    const owner = await this.session.get(OwnershipService).assertMayChange(studentId);
    const open = await this.session.get(AssignmentRepository).findOpen(studentId);
    const leaving = open.filter((row) => row.providerId === fromProviderId);
    const services = (await this.session.get(ServiceRepository).findOpen(studentId)).filter(
      (row) => row.providerId === fromProviderId,
    );
    if (leaving.length === 0 && services.length === 0)
      throw reject('V-063', 'The old provider does not serve this student.');
    const assignments = this.session.get(AssignmentService);
    const provider = await assignments.providerFor(toProviderId, studentId, owner);
    this.assertMayTakeOver(leaving, open, provider);
    for (const service of services) await assignments.setProvider(service, provider);
    const access = this.session.get(AssignmentAccess);
    for (const { role, serviceId, validTo } of leaving) {
      await access.open({
        studentId,
        provider,
        role,
        leaId: owner.leaId,
        serviceId,
        validFrom: this.session.today,
        validTo,
        source: 'REASSIGNMENT',
      });
    }
    if (leaving.length > 0) await access.end(leaving);
  }

  /** A duplicate would hide a mistake in the list; a case manager has to sign in (F8, V-020). */
  private assertMayTakeOver(
    leaving: readonly ProviderAssignment[],
    open: readonly ProviderAssignment[],
    provider: Provider,
  ): void {
    const managesCase = leaving.some((row) => row.role === 'CASE_MANAGER');
    if (
      !managesCase &&
      open.some(
        (row) =>
          row.providerId === provider.id &&
          leaving.some((old) => old.role === row.role && old.serviceId === row.serviceId),
      )
    ) {
      throw reject('V-063', 'The new provider serves this student already.');
    }
    if (managesCase && !provider.accountId)
      throw reject('V-020', 'The new provider needs an account to manage the case.');
  }
}
