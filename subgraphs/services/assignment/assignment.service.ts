import { conflict, notFound, reject } from '../../../platform/errors';
import type { RuleError } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { serviceChanged } from '../events';
import type { Owner } from '../ownership/ownership.repository';
import { OwnershipService } from '../ownership/ownership.service';
import type { Provider } from '../provider/provider.entity';
import { ProviderRepository } from '../provider/provider.repository';
import type { Service } from '../service/service.entity';
import { serviceName } from '../service/service-codes';
import { ServiceRepository } from '../service/service.repository';
import { AssignmentAccess } from './assignment.access';
import type { ProviderAssignment } from './assignment.entity';
import type { AssignProviderInput, ChangeCaseManagerInput, RemoveProviderInput } from './assignment.inputs';
import { AssignmentRepository } from './assignment.repository';

/** Who serves a student and who manages the case (SEIS-18, SEIS-38). */
export class AssignmentService {
  constructor(private readonly session: Session) {}

  /** Assigns a provider directly, without a request (SEIS-18). Returns the id of the assignment. */
  async assign({
    studentId,
    providerId,
    role,
    serviceId = null,
    since,
    until = null,
  }: AssignProviderInput): Promise<string> {
    await this.session.lock(studentId);
    const owner = await this.session.get(OwnershipService).assertMayChange(studentId);
    const validFrom = since ?? this.session.today;
    if (validFrom < owner.beginDate)
      throw reject('SER-101', `${owner.leaName} owns the student from ${owner.beginDate}: nobody is assigned before.`, [
        'since',
      ]);
    if (owner.endDate && validFrom > owner.endDate)
      throw reject('SER-101', `${owner.leaName} owns the student until ${owner.endDate}: nobody is assigned after.`, [
        'since',
      ]);
    if (until && until < validFrom)
      throw reject('SEIS-18', 'The last day lies before the first: correct one of them.', ['until']);
    const provider = await this.providerFor(providerId, studentId, owner);
    if (role === 'CASE_MANAGER') await this.assertMayManage(studentId, provider);
    if (serviceId) await this.takeService(studentId, serviceId, provider);
    const row = await this.session
      .get(AssignmentAccess)
      .open({ studentId, provider, role, leaId: owner.leaId, serviceId, validFrom, validTo: until, source: 'DIRECT' });
    return row.id;
  }

  /**
   * Ends all that a provider does for a student. Open services go on without a provider.
   * @returns warnings that name those services
   */
  async remove({ studentId, providerId }: RemoveProviderInput): Promise<RuleError[]> {
    await this.session.lock(studentId);
    await this.session.get(OwnershipService).assertMayChange(studentId);
    const rows = (await this.session.get(AssignmentRepository).findOpen(studentId)).filter(
      (row) => row.providerId === providerId,
    );
    if (rows.length === 0) throw notFound('The provider');
    if (rows.some((row) => row.role === 'CASE_MANAGER')) {
      throw reject(
        'V-019',
        'A student must have exactly one case manager, and this provider is it: change the case manager first.',
        ['providerId'],
      );
    }
    const services = this.session.get(ServiceRepository);
    const left = (await services.findOpen(studentId)).filter((service) => service.providerId === providerId);
    for (const service of left) await this.setProvider(service, null);
    await this.session.get(AssignmentAccess).end(rows);
    return left.map(({ code }) => ({
      code: 'SER-105',
      message: `${serviceName(code)} has no provider now: assign one.`,
      path: null,
      severity: 'WARNING',
    }));
  }

  /** Replaces the case manager, or names the first one (SEIS-38, V-020). */
  async changeCaseManager({ studentId, providerId, currentCaseManagerId }: ChangeCaseManagerInput): Promise<void> {
    await this.session.lock(studentId);
    const owner = await this.session.get(OwnershipService).assertMayChange(studentId);
    const open = await this.session.get(AssignmentRepository).findOpen(studentId);
    const managers = open.filter((row) => row.role === 'CASE_MANAGER');
    if (currentCaseManagerId != null && !managers.some((row) => row.providerId === currentCaseManagerId)) {
      throw conflict('Somebody else has changed the case manager. Read the student again and repeat your change.');
    }
    const provider = await this.providerFor(providerId, studentId, owner);
    assertAssigned(open, provider);
    const access = this.session.get(AssignmentAccess);
    await access.open({
      studentId,
      provider,
      role: 'CASE_MANAGER',
      leaId: owner.leaId,
      validFrom: this.session.today,
      source: 'DIRECT',
    });
    const replaced = managers.filter((row) => row.providerId !== providerId);
    if (replaced.length > 0) await access.end(replaced);
  }

  /**
   * The provider, if he or she can be given this student: at work, and for an organization whose people serve the students
   * of the owner (V-067). Under the student's lock.
   * @throws NOT_FOUND for a provider whom nothing shows to the caller, as for one that does not exist
   */
  async providerFor(providerId: string, studentId: string, owner: Owner): Promise<Provider> {
    const providers = this.session.get(ProviderRepository);
    const provider = await providers.hold(providerId);
    if (!provider) throw notFound('The provider');
    if (await providers.mayServe(providerId, [owner.leaId])) return provider;
    if (!(await providers.findVisible(providerId)) && !(await this.serves(providerId, studentId)))
      throw notFound('The provider');
    if (!provider.active) throw reject('V-067', 'This provider has left: choose another one.', ['providerId']);
    throw reject(
      'V-067',
      `${provider.displayName} does not work where students of ${owner.leaName} are served: choose somebody of the list of assignable providers, or have the provider's organization corrected.`,
      ['providerId'],
    );
  }

  /** True for somebody whom the student's record shows. */
  private async serves(providerId: string, studentId: string): Promise<boolean> {
    const rows = [
      ...(await this.session.get(AssignmentRepository).findOpen(studentId)),
      ...(await this.session.get(ServiceRepository).findOpen(studentId)),
    ];
    return rows.some((row) => row.providerId === providerId);
  }

  /** Gives a service its provider, who must be permitted to deliver it (V-067). */
  async setProvider(service: Service, provider: Provider | null): Promise<void> {
    if (provider) assertPermitted(provider, service.code);
    await this.session.get(ServiceRepository).update(service.id, { providerId: provider?.id ?? null }, service.version);
    await this.session.emit(serviceChanged, service.studentId, { serviceId: service.id, state: service.state });
  }

  private async takeService(studentId: string, serviceId: string, provider: Provider): Promise<void> {
    const service = (await this.session.get(ServiceRepository).findOpen(studentId)).find((row) => row.id === serviceId);
    if (!service) throw notFound('The service');
    if (service.providerId === provider.id) return;
    if (service.providerId)
      throw reject('SER-115', 'Another provider delivers this service: reassign it instead.', ['serviceId']);
    await this.setProvider(service, provider);
  }

  private async assertMayManage(studentId: string, provider: Provider): Promise<void> {
    const open = await this.session.get(AssignmentRepository).findOpen(studentId);
    if (open.some((row) => row.role === 'CASE_MANAGER' && row.providerId !== provider.id)) {
      throw reject('V-019', 'The student has a case manager already: replace the case manager instead of adding one.', [
        'role',
      ]);
    }
    assertAssigned(open, provider);
  }
}

/** V-067, SESIS-04: the kinds of service that a provider may deliver. */
export function isPermitted({ serviceCodes }: Pick<Provider, 'serviceCodes'>, code: string): boolean {
  return serviceCodes === null || serviceCodes.includes(code);
}

export function assertPermitted(provider: Provider, code: string): void {
  if (!isPermitted(provider, code)) {
    throw reject(
      'V-067',
      `${provider.displayName} is not permitted to deliver ${serviceName(code)}: choose another provider, or have the permission entered.`,
      ['providerId'],
    );
  }
}

function assertAssigned(open: readonly ProviderAssignment[], provider: Provider): void {
  if (!open.some((row) => row.role === 'PROVIDER' && row.providerId === provider.id)) {
    throw reject('V-020', 'The case manager must be an assigned provider of the student: assign the provider first.', [
      'providerId',
    ]);
  }
  if (!provider.accountId)
    throw reject('V-020', 'The case manager needs an account: choose a provider who signs in.', ['providerId']);
}
