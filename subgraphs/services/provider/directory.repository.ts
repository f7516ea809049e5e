import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import type { Session } from '../../../platform/scope/session';
import { withinOrganization } from './within-organization';

/** What the rules of providers look at in an organization. */
export interface Place {
  id: string;
  name: string;
  kind: string;
  stateCode: string;
}

/** Organizations and accounts as the students subgraph publishes them. */
export class DirectoryRepository {
  constructor(private readonly session: Session) {}

  /** An organization: the directory is open to everybody who signs in. */
  async place(id: string): Promise<Place | null> {
    return (await this.places().where('o.id = :id', { id }).getRawOne<Place>()) ?? null;
  }

  /** The organization if it is the caller's or lies below it. */
  async placeInReach(id: string): Promise<Place | null> {
    const { sql, parameters } = this.inReach('o.id');
    return (await this.places().where('o.id = :id', { id }).andWhere(sql, parameters).getRawOne<Place>()) ?? null;
  }

  /** Whether an account can sign in; null for one that holds no role at the caller's organization or below, or held none there. */
  async accountInReach(id: string): Promise<{ active: boolean } | null> {
    const { sql, parameters } = this.inReach('g.organization_id');
    const row = await this.query()
      .select('a.active', 'active')
      .from('pub_account', 'a')
      .where('a.id = :id', { id })
      .andWhere(
        `EXISTS (SELECT 1 FROM pub_role_grant g WHERE g.account_id = a.id AND (g.active = 1 OR a.active = 0) AND ${sql})`,
        parameters,
      )
      .getRawOne<{ active: boolean | number }>();
    return row ? { active: Boolean(row.active) } : null;
  }

  private query(): SelectQueryBuilder<ObjectLiteral> {
    return this.session.manager.createQueryBuilder().comment(scopeMarker(this.session.scope.marker));
  }

  private places(): SelectQueryBuilder<ObjectLiteral> {
    return this.query()
      .select('o.id', 'id')
      .addSelect('o.name', 'name')
      .addSelect('o.kind', 'kind')
      .addSelect('o.state_code', 'stateCode')
      .from('pub_organization', 'o');
  }

  private inReach(column: string): { sql: string; parameters: Record<string, unknown> } {
    return {
      sql: withinOrganization(column, ':callerOrganization'),
      parameters: { callerOrganization: this.session.principal.organizationId ?? '' },
    };
  }
}
