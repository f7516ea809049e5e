import type { Session } from '../../../platform/scope/session';
import { PublishedRepository } from '../published/published.repository';
import type { PublishedService } from '../published/published-rows';
import type { Iep } from './iep.entity';

/** Which services a document stands for: those that it orders itself, and those that it carries on. */
export class PlannedServices {
  constructor(private readonly session: Session) {}

  /**
   * An amendment or continuation carries on the services of the plan in force that it does not order anew. A reactivated
   * document carries on those of the one it replaces, and a continuation those of its parent, also where they were only
   * proposed, because that one was not agreed to.
   * @param own the services that the document itself orders
   * @param inForce the last plan that was agreed to
   */
  async of(iep: Iep, own: readonly PublishedService[], inForce: Iep | null): Promise<PublishedService[]> {
    const sources = [
      ...(iep.reactivatesIepId ? [{ iepId: iep.reactivatesIepId, states: ['ACTIVE', 'PROPOSED'] }] : []),
      ...(iep.parentIepId ? [{ iepId: iep.parentIepId, states: ['PROPOSED'] }] : []),
      ...(iep.parentIepId && inForce ? [{ iepId: inForce.id, states: ['ACTIVE'] }] : []),
    ];
    const known = await this.session.get(PublishedRepository).servicesOf([...new Set(sources.map((one) => one.iepId))]);
    const planned = [...own];
    for (const { iepId, states } of sources) {
      const ordered = new Set(planned.map((service) => service.code));
      planned.push(
        ...known.filter(
          (service) => service.iepId === iepId && states.includes(service.state) && !ordered.has(service.code),
        ),
      );
    }
    return planned;
  }
}
