import type { SelectQueryBuilder } from 'typeorm';
import { newId } from '../../../platform/ids';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { scopeMarker } from '../../../platform/database/guard';
import { PlannedService } from './planned-service.entity';
import { Service } from './service.entity';
import { ServiceState } from './service.enums';

const OPEN_STATES = [ServiceState.PROPOSED, ServiceState.ACTIVE];

/** Services of students. Dated: a former LEA keeps those of its own period. */
export class ServiceRepository extends ScopedRepository<Service> {
  protected readonly entity = Service;
  protected readonly scopedBy = { student: 'studentId', from: 'startDate', to: 'endDate' } as const;
  protected readonly fieldClass = 'service';

  /** Services listed by these plans, each with the plans that list it, in one statement. */
  async findByPlans(iepIds: readonly string[]): Promise<Service[]> {
    if (iepIds.length === 0) return [];
    const query = this.select('s').innerJoinAndMapMany(
      's.plans',
      PlannedService,
      'p',
      'p.serviceId = s.id AND p.iepId IN (:...iepIds)',
      {
        iepIds: [...new Set(iepIds)],
      },
    );
    return this.rows(query);
  }

  /** Services of a student that are proposed or active. */
  async findOpen(studentId: string): Promise<Service[]> {
    return this.rows(
      this.select('s').andWhere('s.studentId = :studentId AND s.state IN (:...open)', { studentId, open: OPEN_STATES }),
    );
  }

  /** Services that are proposed or active and name this provider. */
  findOpenOfProvider(providerId: string): Promise<Service[]> {
    return this.rows(this.selectOpenOf(providerId));
  }

  /** True when a provider is named on a service that is proposed or active. Shows no row, and so discloses none. */
  async hasOpen(providerId: string): Promise<boolean> {
    return (await this.selectOpenOf(providerId).select('s.id', 'id').limit(1).getRawOne()) != null;
  }

  private selectOpenOf(providerId: string): SelectQueryBuilder<Service> {
    const named = 's.providerId = :providerId AND s.state IN (:...open)';
    return this.select('s').andWhere(named, { providerId, open: OPEN_STATES });
  }

  /** Lists a service in a plan, once: what a withdrawn claim kept waiting is listed already when it takes effect. */
  async plan(service: Pick<Service, 'id' | 'studentId'>, iepId: string): Promise<void> {
    const listed = await this.session.manager
      .createQueryBuilder(PlannedService, 'p')
      .comment(scopeMarker(this.session.scope.marker))
      .where({ iepId, serviceId: service.id })
      .getExists();
    if (listed) return;
    await this.session.manager
      .createQueryBuilder()
      .insert()
      .into(PlannedService)
      .values({ id: newId(), studentId: service.studentId, iepId, serviceId: service.id })
      .comment(scopeMarker(this.session.scope.marker))
      .updateEntity(false)
      .execute();
  }
}
