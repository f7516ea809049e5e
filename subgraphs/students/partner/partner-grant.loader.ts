import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import { isInForce, type PartnerGrant } from './partner-grant.entity';
import { PartnerGrantRepository } from './partner-grant.repository';
import { PartnerOrganizationRepository } from './partner-organization.repository';

/** The students and organizations of partner grants, in one statement per batch. */
export class PartnerGrantLoader {
  readonly studentIds: DataLoader<string, string[]>;
  readonly organizationIds: DataLoader<string, string[]>;
  readonly studentCounts: DataLoader<PartnerGrant, number>;

  constructor(session: Session) {
    const organizations = session.get(PartnerOrganizationRepository);
    this.studentIds = new DataLoader(async (grantIds) => {
      const byGrant = await session.get(PartnerGrantRepository).studentsOf(grantIds);
      return grantIds.map((grantId) => byGrant.get(grantId) ?? []);
    });
    this.organizationIds = new DataLoader(async (grantIds) => {
      const byGrant = await organizations.namedBy(grantIds);
      return grantIds.map((grantId) => byGrant.get(grantId) ?? []);
    });
    this.studentCounts = new DataLoader(async (grants) => {
      const open = grants.filter((grant) => isInForce(grant, session.today));
      const counts = await organizations.countStudents(open.map(({ id }) => id));
      return grants.map(({ id }) => counts.get(id) ?? 0);
    });
  }
}
