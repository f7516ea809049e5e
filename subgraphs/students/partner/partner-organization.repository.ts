import { scopeMarker } from '../../../platform/database/guard';
import type { Lent } from '../../../platform/principal/principal';
import { openOn } from '../../../platform/scope/row-scope';
import type { Session } from '../../../platform/scope/session';
import { StudentAccess } from '../../../platform/scope/tables';
import { Organization } from '../organization/organization.entity';
import type { OrganizationKind } from '../organization/organization-kind';
import { withinOrganization } from '../organization/organization.repository';
import { agencyGrantee, PartnerGrant, PartnerGrantOrganization } from './partner-grant.entity';

type Source = Lent['from'][number];

/** Kinds of organization that a grant may name, and as what their students are theirs. */
const SOURCES: Partial<Record<OrganizationKind, (id: string) => Source>> = {
  LEA: (id) => ({ relation: 'JURISDICTION', grantee: `LEA:${id}` }),
  SCHOOL: (id) => ({ relation: 'SCHOOL', grantee: `SCHOOL:${id}` }),
};
export const LENDING_KINDS = Object.keys(SOURCES);

/** A grant names at most 50 organizations; SQLite takes 500 terms in one table of unions. */
const GRANTS_PER_STATEMENT = 9;

/** The organizations that partner grants name, and the students that come with them. */
export class PartnerOrganizationRepository {
  constructor(private readonly session: Session) {}

  async insert(partnerGrantId: string, organizationIds: readonly string[]): Promise<void> {
    const rows = organizationIds.map((organizationId) => ({ partnerGrantId, organizationId }));
    if (rows.length > 0) await this.session.manager.insert(PartnerGrantOrganization, rows);
  }

  /** The ids of the organizations by grant, in one statement. */
  async namedBy(grantIds: readonly string[]): Promise<Map<string, string[]>> {
    const byGrant = new Map<string, string[]>(grantIds.map((id) => [id, []]));
    if (grantIds.length === 0) return byGrant;
    const rows = await this.session.manager
      .createQueryBuilder(PartnerGrantOrganization, 'go')
      .where('go.partnerGrantId IN (:...grantIds)', { grantIds: [...byGrant.keys()] })
      .orderBy('go.organizationId')
      .getMany();
    for (const { partnerGrantId, organizationId } of rows) byGrant.get(partnerGrantId)?.push(organizationId);
    return byGrant;
  }

  /**
   * What these grants lend: the organizations that are still the grantor's own or below it. One that came under somebody else
   * is not the grantor's to lend any more.
   */
  async lentBy(grantIds: readonly string[]): Promise<Map<string, Source[]>> {
    const byGrant = new Map<string, Source[]>(grantIds.map((id) => [id, []]));
    if (grantIds.length === 0) return byGrant;
    const rows = await this.session.manager
      .createQueryBuilder(PartnerGrantOrganization, 'go')
      .innerJoin(PartnerGrant, 'pg', 'pg.id = go.partner_grant_id')
      .innerJoin(Organization, 'o', 'o.id = go.organization_id')
      .select('go.partner_grant_id', 'grantId')
      .addSelect('o.id', 'id')
      .addSelect('o.kind', 'kind')
      .where('go.partnerGrantId IN (:...grantIds)', { grantIds: [...byGrant.keys()] })
      .andWhere(withinOrganization('o.id', 'pg.grantor_organization_id'))
      .orderBy('o.id')
      .getRawMany<{ grantId: string; id: string; kind: OrganizationKind }>();
    for (const { grantId, id, kind } of rows) {
      const source = SOURCES[kind]?.(id);
      if (source) byGrant.get(grantId)?.push(source);
    }
    return byGrant;
  }

  /** Clients of grants that name this organization or one below it. */
  async clientsAt(organizationId: string): Promise<string[]> {
    const rows = await this.session.manager
      .createQueryBuilder(PartnerGrantOrganization, 'go')
      .innerJoin(PartnerGrant, 'pg', 'pg.id = go.partner_grant_id')
      .select('DISTINCT pg.client_id', 'clientId')
      .where(withinOrganization('go.organization_id', ':organizationId'), { organizationId })
      .getRawMany<{ clientId: string }>();
    return rows.map(({ clientId }) => clientId);
  }

  /** How many students in the caller's scope these grants, all in force, open today. */
  async countStudents(grantIds: readonly string[]): Promise<Map<string, number>> {
    const lent = await this.lentBy(grantIds);
    const counts = new Map<string, number>();
    for (let at = 0; at < lent.size; at += GRANTS_PER_STATEMENT)
      for (const [id, count] of await this.countOf(new Map([...lent].slice(at, at + GRANTS_PER_STATEMENT))))
        counts.set(id, count);
    return counts;
  }

  private async countOf(lent: ReadonlyMap<string, readonly Source[]>): Promise<Map<string, number>> {
    const parameters: Record<string, string> = {};
    const sources = [...lent].flatMap(([grantId, from]) =>
      [{ relation: 'GRANT', grantee: agencyGrantee(grantId) }, ...from].map((source) => ({ grantId, ...source })),
    );
    if (sources.length === 0) return new Map();
    const table = sources.map((source, i) => {
      const columns = Object.entries(source).map(([name, value]) => {
        parameters[`source${i}${name}`] = value;
        return `:source${i}${name} AS ${name}`;
      });
      return `SELECT ${columns.join(', ')}`;
    });
    const scope = this.session.scope.predicate({ student: 'x.student_id' });
    const rows = await this.session.manager
      .createQueryBuilder(StudentAccess, 'x')
      .comment(scopeMarker(this.session.scope.marker))
      .innerJoin(`(${table.join(' UNION ALL ')})`, 't', 't.relation = x.relation AND t.grantee = x.grantee')
      .select('t.grantId', 'grantId')
      .addSelect('COUNT(DISTINCT x.student_id)', 'students')
      .where(`(${scope.sql})`, scope.parameters)
      .andWhere(openOn('x', 'today'))
      .setParameters({ ...parameters, today: this.session.today })
      .groupBy('t.grantId')
      .getRawMany<{ grantId: string; students: unknown }>();
    return new Map(rows.map(({ grantId, students }) => [grantId, Number(students)]));
  }
}
