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
    await this.assertTwoProviders(input);
    const studentIds = await this.pick(input);
    const names = await this.session.get(OwnershipRepository).names(studentIds);
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

  private async assertTwoProviders({ fromProviderId, toProviderId }: ReassignProvidersInput): Promise<void> {
    const found = await this.session.get(ProviderRepository).findByIds([fromProviderId, toProviderId]);
    if (found.length === 2) return;
    const path = found.some((provider) => provider.id === fromProviderId) ? 'toProviderId' : 'fromProviderId';
    throw reject('V-064', 'The old and the new provider must be two different providers that exist: correct them.', [
      path,
    ]);
  }

  private async pick({ studentIds, all, fromProviderId }: ReassignProvidersInput): Promise<string[]> {
    if (all === (studentIds?.length ?? 0) > 0)
      throw badInput('Pick students, or set `all`: one of the two.', ['studentIds']);
    if (all) return this.session.get(AssignmentRepository).studentsOf(fromProviderId);
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
    if (leaving.length === 0) throw reject('V-063', 'The old provider does not serve this student.');
    const provider = await this.session.get(AssignmentService).providerFor(toProviderId, owner);
    this.assertMayTakeOver(leaving, open, provider);
    await this.moveServices(studentId, fromProviderId, provider);
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
    await access.end(leaving);
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

  private async moveServices(studentId: string, fromProviderId: string, provider: Provider): Promise<void> {
    const services = (await this.session.get(ServiceRepository).findOpen(studentId)).filter(
      (row) => row.providerId === fromProviderId,
    );
    for (const service of services) await this.session.get(AssignmentService).setProvider(service, provider);
  }
}
