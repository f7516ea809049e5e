import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import { OrganizationRepository } from '../organization/organization.repository';
import type { ManagerDesignation } from './designation.entity';
import { DesignationRepository } from './designation.repository';

/** Designations in force of a request's organizations; null for one that is not the caller's or below it. */
export class DesignationLoader extends DataLoader<string, ManagerDesignation[] | null> {
  constructor(session: Session) {
    super(async (organizationIds) => {
      const own = session.principal.organizationId ?? '';
      const inReach = await session.get(OrganizationRepository).idsWithin(organizationIds, own);
      const rows = await session.get(DesignationRepository).inForce([...inReach]);
      return organizationIds.map((id) =>
        inReach.has(id) ? rows.filter(({ organizationId }) => organizationId === id) : null,
      );
    });
  }
}
