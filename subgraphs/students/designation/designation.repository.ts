import { IsNull } from 'typeorm';
import type { Session } from '../../../platform/scope/session';
import { ManagerDesignation } from './designation.entity';
import { administers } from './designation.rule';

/** Designations hang on no student. Who sees them is decided by the organization (`designation.loader.ts`). */
export class DesignationRepository {
  constructor(private readonly session: Session) {}

  findById(id: string): Promise<ManagerDesignation | null> {
    return this.session.manager.findOneBy(ManagerDesignation, { id });
  }

  /** Those of an organization that nobody has ended, in force or not. */
  open(organizationId: string): Promise<ManagerDesignation[]> {
    return this.session.manager.findBy(ManagerDesignation, { organizationId, endedAt: IsNull() });
  }

  /** Those of these organizations that are in force today, the system managers first. */
  inForce(organizationIds: readonly string[]): Promise<ManagerDesignation[]> {
    if (organizationIds.length === 0) return Promise.resolve([]);
    const { sql, parameters } = administers('d.account_id', 'd.organization_id', this.session.today);
    return this.session.manager
      .createQueryBuilder(ManagerDesignation, 'd')
      .where('d.organizationId IN (:...organizationIds)', { organizationIds: [...new Set(organizationIds)] })
      .andWhere('d.endedAt IS NULL')
      .andWhere(sql, parameters)
      .orderBy('d.kind', 'DESC')
      .getMany();
  }

  /** True when the account may be designated at the organization today. */
  async isAdministrator(accountId: string, organizationId: string): Promise<boolean> {
    const { sql, parameters } = administers(':accountId', ':organizationId', this.session.today);
    const query = this.session.manager.createQueryBuilder().select('1', 'one').from('organization', 'o');
    const row = await query
      .where('o.id = :organizationId', { organizationId, accountId })
      .andWhere(sql, parameters)
      .getRawOne();
    return row !== undefined;
  }

  async insert(designation: ManagerDesignation): Promise<void> {
    await this.session.manager.insert(ManagerDesignation, designation);
  }

  async end(id: string): Promise<void> {
    await this.session.manager.update(ManagerDesignation, id, { endedAt: this.session.now, openOf: null });
  }
}
