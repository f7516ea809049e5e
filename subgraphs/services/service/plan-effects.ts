import { addDays } from '../../../platform/dates';
import { OutboxEvent } from '../../../platform/outbox/tables';
import type { Session } from '../../../platform/scope/session';
import type { IepAffirmed } from '../events';
import { serviceChanged } from '../events';
import { OwnershipRepository } from '../ownership/ownership.repository';
import { ProviderRepository } from '../provider/provider.repository';
import { PlanRepository } from './plan.repository';
import type { Service } from './service.entity';
import { ServiceState } from './service.enums';
import { ServiceRepository } from './service.repository';
import { ServiceService } from './service.service';

/**
 * What an affirmed plan does to the services of its student (domain C.5, G.2). Without agreement nothing: the student stays
 * put. Runs under the student's lock, in the transaction of the event's delivery.
 */
export class PlanEffects {
  private readonly services: ServiceRepository;

  constructor(private readonly session: Session) {
    this.services = session.get(ServiceRepository);
  }

  async apply(studentId: string, plan: IepAffirmed): Promise<void> {
    const document = await this.session.get(PlanRepository).find(plan.iepId);
    const replaced = document?.reactivatesIepId ?? null;
    const parent = document?.parentIepId ?? null;
    const open = await this.services.findOpen(studentId);
    // A plan affirmed just before another LEA takes the student over opens nothing for the former owner (G.3, F3).
    const opens = await this.session.get(OwnershipRepository).openLea(studentId);
    const ofOwner = open.filter((row) => row.state === 'PROPOSED' && row.leaId === opens);
    const ordered = ofOwner.filter((row) => row.iepId === plan.iepId);
    const goesOn = ({ iepId }: Service): boolean => iepId !== null && (iepId === replaced || iepId === parent);
    const offered = ofOwner.filter(goesOn);
    const proposed = [...ordered, ...(await this.takeOver(offered, ordered, plan))];
    // What a former owner proposed is listed in the plan that goes on with it, so that V-071 tells the owner to add it (SER-99).
    const foreign = open.filter((row) => row.state === 'PROPOSED' && row.leaId !== opens && goesOn(row));
    for (const row of foreign) await this.services.plan(row, plan.iepId);
    if (!plan.agreed) return;

    for (const service of proposed) await this.activate(service, plan);
    const earlier = open.filter((row) => row.state === 'ACTIVE' && row.iepId !== null && row.iepId !== plan.iepId);
    // An amendment or a continuation: its parent's services go on unless it orders them anew.
    const isChild = parent !== null;
    for (const service of earlier)
      await this.succeed(service, proposed, plan, plan.eligible && (isChild || service.iepId === replaced));
  }

  /** A discarded draft orders nothing any more: what it proposed is withdrawn. */
  async withdraw(studentId: string, iepId: string): Promise<void> {
    const proposed = (await this.services.findOpen(studentId)).filter(
      (row) => row.state === 'PROPOSED' && row.iepId === iepId,
    );
    for (const service of proposed) await this.session.get(ServiceService).end(service, this.session.today, 'OTHER');
  }

  /**
   * Plans that were affirmed while a claim stood opened nothing for the owner of the time. The claim is withdrawn: from the
   * first plan on whose services still wait, they take effect in their order.
   * @param eventId the withdrawal; what was affirmed after it is delivered by itself
   */
  async catchUp(studentId: string, eventId: string): Promise<void> {
    const events = await this.session.manager.find(OutboxEvent, { where: { studentId }, order: { sequence: 'ASC' } });
    const plans = events
      .slice(
        0,
        events.findIndex((event) => event.id === eventId),
      )
      .filter(({ type }) => type === 'iep.affirmed')
      .map(({ payload }) => payload as IepAffirmed);
    const owner = await this.session.get(OwnershipRepository).owner(studentId);
    if (!owner) return;
    const waiting = (await this.services.findOpen(studentId)).filter(
      (row) => row.state === 'PROPOSED' && row.leaId === owner.leaId,
    );
    // What was ordered during an earlier stay of the owner is over.
    const ofThisStay = plans.filter(({ affirmedOn }) => affirmedOn >= owner.beginDate);
    for (const [index, plan] of ofThisStay.entries()) {
      if (!plan.agreed || !(await this.takesUp(plan, waiting))) continue;
      for (const next of ofThisStay.slice(index)) await this.apply(studentId, next);
      return;
    }
  }

  /** True when some of these services wait for the plan, or for one that it goes on with. */
  private async takesUp({ iepId }: IepAffirmed, waiting: readonly Service[]): Promise<boolean> {
    const document = await this.session.get(PlanRepository).find(iepId);
    const plans = [iepId, document?.parentIepId, document?.reactivatesIepId];
    return waiting.some((row) => row.iepId !== null && plans.includes(row.iepId));
  }

  /**
   * A reactivated plan takes over what the one it replaces proposed, and a continuation what its parent did; it orders some of
   * it anew (C.2). Proposed it still is only when that plan was not agreed to.
   */
  private async takeOver(
    offered: readonly Service[],
    ordered: readonly Service[],
    { iepId, affirmedOn }: IepAffirmed,
  ): Promise<Service[]> {
    const taken: Service[] = [];
    for (const service of offered) {
      if (ordered.some((row) => row.code === service.code)) {
        await this.session.get(ServiceService).end(service, addDays(affirmedOn, -1), 'IEP_CHANGE');
      } else {
        await this.carry(service, iepId);
        taken.push(service);
      }
    }
    return taken;
  }

  /** Lists a service in another plan, which is from now on the newest that orders it. */
  private async carry(service: Service, iepId: string): Promise<void> {
    await this.services.update(service.id, { iepId }, service.version);
    await this.services.plan(service, iepId);
    Object.assign(service, { iepId, version: service.version + 1 });
  }

  private async activate(service: Service, { agreedOn }: IepAffirmed): Promise<void> {
    // Until a late agreement the student stayed put: nothing of the amendment began before.
    if (agreedOn && service.startDate < agreedOn) service.startDate = agreedOn;
    const { startDate } = service;
    await this.services.update(service.id, { state: ServiceState.ACTIVE, startDate }, service.version);
    service.version += 1;
    await this.session.emit(serviceChanged, service.studentId, { serviceId: service.id, state: ServiceState.ACTIVE });
    const providers = this.session.get(ProviderRepository);
    const provider = service.providerId ? await providers.hold(service.providerId) : null;
    // Who has left, or works elsewhere by now, is not given the student (V-067).
    if (provider && (await providers.mayServe(provider.id, [service.leaId])))
      await this.session.get(ServiceService).assignTo(service, provider, 'PLAN');
  }

  /**
   * A service that the new plan orders again gives way to the new row the day before that begins; one that it doesn't order
   * ends the day before the plan takes effect. An amendment or continuation carries on what it doesn't touch.
   */
  private async succeed(
    service: Service,
    proposed: readonly Service[],
    plan: IepAffirmed,
    goesOn: boolean,
  ): Promise<void> {
    const successor = proposed.find((row) => row.code === service.code);
    if (!successor && goesOn) return this.carry(service, plan.iepId);
    return this.session
      .get(ServiceService)
      .end(service, addDays(successor?.startDate ?? plan.affirmedOn, -1), 'IEP_CHANGE');
  }
}
