import { conflict, notFound, reject, Rejection } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { AssignmentAccess } from '../assignment/assignment.access';
import { AssignmentRepository } from '../assignment/assignment.repository';
import { AssignmentService, assertPermitted } from '../assignment/assignment.service';
import { serviceChanged } from '../events';
import { type Owner, OwnershipRepository } from '../ownership/ownership.repository';
import { OwnershipService } from '../ownership/ownership.service';
import type { Provider } from '../provider/provider.entity';
import { DRAFT_STATES, PlanRepository } from './plan.repository';
import type { Service } from './service.entity';
import { SERVICE_TRANSITIONS, ServiceState, type TerminationReason } from './service.enums';
import type { AddServiceInput, TerminateServiceInput } from './service.inputs';
import { ServiceRepository } from './service.repository';
import { checkCombination, checkNewService, checkTermination } from './service.rules';

/** Services of a student: opened, combined, ended (domain C.5). */
export class ServiceService {
  private readonly services: ServiceRepository;

  constructor(private readonly session: Session) {
    this.services = session.get(ServiceRepository);
  }

  /** Adds a service: proposed on a draft plan, active by hand (SER-99..108). Returns its id. */
  async add(input: AddServiceInput): Promise<string> {
    const { studentId } = input;
    await this.session.lock(studentId);
    const owner = await this.session.get(OwnershipService).assertMayChange(studentId);
    if (input.startDate < owner.beginDate) {
      throw reject(
        'SER-101',
        `${owner.leaName} owns the student from ${owner.beginDate}: services before that day belong to the former owner.`,
        ['startDate'],
      );
    }
    if (owner.endDate) {
      const claimant = await this.session.get(OwnershipRepository).claimant(studentId);
      throw reject(
        'V-045',
        `Another LEA takes this student over after ${owner.endDate}: no service can be opened any more. If that is a mistake, ask ${claimant} to withdraw the claim.`,
        ['studentId'],
      );
    }
    const state = await this.stateOnPlan(input);
    const siblings = (await this.services.findOpen(studentId)).filter((row) => row.iepId === (input.iepId ?? null));
    if (input.combineWithServiceId) return this.combine(input, siblings);
    const terms = {
      ...input,
      location: input.location?.trim() || null,
      parentServiceId: input.parentServiceId ?? null,
    };
    const errors = checkNewService(terms, siblings);
    if (errors.length > 0) throw new Rejection(errors);
    return this.open(terms, state, owner);
  }

  /** Ends an active service, or withdraws one that has not begun, together with its extra rows (SER-110..112). */
  async terminate({ serviceId, version, endDate, terminationReason }: TerminateServiceInput): Promise<void> {
    const seen = await this.services.findById(serviceId);
    if (!seen) throw notFound('The service');
    await this.session.lock(seen.studentId);
    await this.session.get(OwnershipService).assertMayChange(seen.studentId);
    const service = await this.services.findById(serviceId);
    if (!service) throw notFound('The service');
    if (service.version !== version)
      throw conflict('Somebody else has changed this service. Read it again and repeat your change.');
    if (!SERVICE_TRANSITIONS[service.state].includes('TERMINATED'))
      throw reject('C.5', 'This service has ended already.', ['serviceId']);
    const open = await this.services.findOpen(service.studentId);
    const ending = [service, ...open.filter((row) => row.parentServiceId === service.id)];
    const errors = ending.flatMap((row) => checkTermination({ endDate, terminationReason }, row, this.session.today));
    if (errors.length > 0) throw new Rejection(distinct(errors));
    for (const row of ending) await this.end(row, endDate!, terminationReason!);
  }

  /** Ends a service as decided: no rule is asked. Access that hung on it ends with it. */
  async end(service: Service, endDate: string, reason: TerminationReason): Promise<void> {
    const { id, studentId, startDate } = service;
    // What never ran has an empty period: it counts as no service of any day, for claims, exits and closes.
    const neverRan = startDate > this.session.today && endDate <= this.session.today;
    const lastDay = endDate < startDate && !neverRan ? startDate : endDate;
    await this.services.update(
      id,
      { state: ServiceState.TERMINATED, endDate: lastDay, terminationReason: reason },
      service.version,
    );
    await this.session.emit(serviceChanged, studentId, { serviceId: id, state: ServiceState.TERMINATED });
    // Who was to deliver it from a coming day on prepared for it: not any longer.
    await this.releaseProvider(service, lastDay);
  }

  /** A provider whose assignment was for this service keeps the student only for another one, or as case manager (V-020). */
  private async releaseProvider({ id, studentId }: Service, lastDay: string): Promise<void> {
    const assignments = this.session.get(AssignmentRepository);
    const open = await assignments.findOpen(studentId);
    const ofService = open.filter((row) => row.serviceId === id);
    const ending = [];
    for (const row of ofService) {
      const managesCase = open.some((other) => other.role === 'CASE_MANAGER' && other.providerId === row.providerId);
      const isLast = !open.some(
        (other) => other.id !== row.id && other.role === 'PROVIDER' && other.providerId === row.providerId,
      );
      if (managesCase && isLast) await assignments.update(row.id, { serviceId: null });
      else ending.push(row);
    }
    if (ending.length > 0) await this.session.get(AssignmentAccess).end(ending, lastDay);
  }

  private async stateOnPlan({ iepId, studentId }: AddServiceInput): Promise<ServiceState> {
    if (!iepId) return ServiceState.ACTIVE;
    const plan = await this.session.get(PlanRepository).find(iepId);
    if (!plan || plan.studentId !== studentId) throw notFound('The IEP');
    if (DRAFT_STATES.includes(plan.state)) return ServiceState.PROPOSED;
    if (plan.state === 'CURRENT')
      throw reject('V-013', 'The plan is affirmed: amend it with amendIep, and add the service to the amendment.', [
        'iepId',
      ]);
    if (plan.state === 'DISCARDED')
      throw reject('V-014', 'The draft was discarded: start another one with startIep.', ['iepId']);
    throw reject('V-014', 'The plan is history and cannot be changed.', ['iepId']);
  }

  private async open(input: AddServiceInput, state: ServiceState, owner: Owner): Promise<string> {
    const provider = input.providerId
      ? await this.session.get(AssignmentService).providerFor(input.providerId, input.studentId, owner)
      : null;
    if (provider) assertPermitted(provider, input.code);
    const service = await this.services.insert({
      studentId: input.studentId,
      iepId: input.iepId ?? null,
      leaId: owner.leaId,
      code: input.code,
      state,
      providerId: provider?.id ?? null,
      frequency: input.frequency,
      minutes: input.minutes,
      delivery: input.delivery,
      location: input.location ?? null,
      recipient: input.recipient,
      startDate: input.startDate,
      endDate: null,
      doNotReport: input.doNotReport,
      parentServiceId: input.parentServiceId ?? null,
      terminationReason: null,
      version: 1,
    });
    if (service.iepId) await this.services.plan(service, service.iepId);
    if (provider && state === ServiceState.ACTIVE) await this.assignTo(service, provider);
    await this.session.emit(serviceChanged, service.studentId, { serviceId: service.id, state });
    return service.id;
  }

  /** Whoever delivers an active service is assigned to the student (C.5, effects). */
  async assignTo(service: Service, provider: Provider, source: 'SERVICE' | 'PLAN' = 'SERVICE'): Promise<void> {
    const { studentId, leaId, id: serviceId, startDate } = service;
    // Who starts later sees the student from now on: to prepare, one has to read.
    const validFrom = startDate > this.session.today ? this.session.today : startDate;
    await this.session
      .get(AssignmentAccess)
      .open({ studentId, provider, role: 'PROVIDER', leaId, serviceId, validFrom, source });
  }

  /** SEIS-72: one service with the sum of the minutes, allowed only while the frequency is equal. */
  private async combine(input: AddServiceInput, siblings: readonly Service[]): Promise<string> {
    const standing = siblings.find((row) => row.id === input.combineWithServiceId);
    if (!standing) throw notFound('The service');
    const errors = checkCombination({ ...input, location: standing.location, parentServiceId: null }, standing);
    if (errors.length > 0) throw new Rejection(errors);
    await this.services.update(standing.id, { minutes: standing.minutes + input.minutes }, standing.version);
    await this.session.emit(serviceChanged, standing.studentId, { serviceId: standing.id, state: standing.state });
    return standing.id;
  }
}

/** Extra rows break the same rules as their main row: said once. */
const distinct = (errors: Rejection['errors']): Rejection['errors'] => [
  ...new Map(errors.map((error) => [`${error.code} ${error.message}`, error])).values(),
];
