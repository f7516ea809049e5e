import { addDays } from '../../../platform/dates';
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
    if (!plan.agreed) return;
    const owner = await this.session.get(OwnershipRepository).owner(studentId);
    const open = await this.services.findOpen(studentId);
    // A plan affirmed just before another LEA claimed the student opens nothing for the former owner (G.3, F3).
    const proposed = open.filter(
      (row) => row.iepId === plan.iepId && row.state === 'PROPOSED' && row.leaId === owner?.leaId,
    );
    for (const service of proposed) await this.activate(service);
    const earlier = open.filter((row) => row.state === 'ACTIVE' && row.iepId !== null && row.iepId !== plan.iepId);
    const goesOn = plan.eligible && (await this.isChild(plan.iepId));
    for (const service of earlier) await this.succeed(service, proposed, plan, goesOn);
  }

  /** An amendment or a continuation: its parent's services go on unless it orders them anew. */
  private async isChild(iepId: string): Promise<boolean> {
    return ((await this.session.get(PlanRepository).find(iepId))?.parentIepId ?? null) !== null;
  }

  private async activate(service: Service): Promise<void> {
    await this.services.update(service.id, { state: ServiceState.ACTIVE }, service.version);
    await this.session.emit(serviceChanged, service.studentId, { serviceId: service.id, state: ServiceState.ACTIVE });
    const provider = service.providerId
      ? await this.session.get(ProviderRepository).findById(service.providerId)
      : null;
    if (provider?.active) await this.session.get(ServiceService).assignTo(service, provider, 'PLAN');
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
    if (!successor && goesOn) {
      await this.services.update(service.id, { iepId: plan.iepId }, service.version);
      return this.services.plan(service, plan.iepId);
    }
    return this.session
      .get(ServiceService)
      .end(service, addDays(successor?.startDate ?? plan.affirmedOn, -1), 'IEP_CHANGE');
  }
}
