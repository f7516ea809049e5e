import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import type { Organization } from './organization.entity';
import { OrganizationRepository } from './organization.repository';

/** Organizations of a request by id, in one statement per batch. */
export class OrganizationLoader {
  private readonly byId: DataLoader<string, Organization | null>;

  constructor(session: Session) {
    this.byId = new DataLoader(async (ids) => {
      const rows = new Map((await session.get(OrganizationRepository).findByIds(ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? null);
    });
  }

  load(id: string | null): Promise<Organization | null> {
    return id === null ? Promise.resolve(null) : this.byId.load(id);
  }
}
