import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import { PartnerGrantRepository } from './partner-grant.repository';

/** The students of partner grants, in one statement per batch. */
export class PartnerGrantLoader {
  readonly studentIds: DataLoader<string, string[]>;

  constructor(session: Session) {
    this.studentIds = new DataLoader(async (grantIds) => {
      const byGrant = await session.get(PartnerGrantRepository).studentsOf(grantIds);
      return grantIds.map((grantId) => byGrant.get(grantId) ?? []);
    });
  }
}
