import { In, type SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { notFound } from '../../../platform/errors';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { assertFresh, bumpEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { StudentAccess } from '../../../platform/scope/tables';
import { withinOrganization } from '../organization/organization.repository';
import { agencyGrantee, PartnerGrant } from './partner-grant.entity';

export interface PartnerGrantMatch {
  agencyId?: string | null;
  /** Only those in force on this day. */
  inForceOn?: string | null;
  /** Whether the destruction date has passed without a confirmed destruction. */
  destructionOverdue?: boolean | null;
}

type Terms =
  | ('id' | 'agencyId' | 'grantorOrganizationId' | 'clientId' | 'createdBy' | 'createdAt')
  | ('purpose' | 'legalBasis' | 'agreement' | 'scopes' | 'redisclosure')
  | ('startsOn' | 'expiresOn' | 'destructionDate');

/** Partner grants, limited to those of the caller's organization and the ones below it; and the students that they name. */
export class PartnerGrantRepository {
  constructor(private readonly session: Session) {}

  private inReach(): SelectQueryBuilder<PartnerGrant> {
    return this.session.manager
      .createQueryBuilder(PartnerGrant, 'pg')
      .where(withinOrganization('pg.grantor_organization_id', ':reach'), {
        reach: this.session.principal.organizationId ?? '',
      });
  }

  async findInReach(id: string): Promise<PartnerGrant | null> {
    const row = await this.inReach().andWhere('pg.id = :id', { id }).getOne();
    if (!row) await assertFresh(this.session);
    return row;
  }

  /**
   * A grant in reach that is about to be changed. Its epoch counts up: what was loaded for its client is loaded anew, and of two
   * changes at once the second sees what the first has done.
   * @throws NOT_FOUND alike for one out of reach and one that doesn't exist
   */
  async findForChange(id: string): Promise<PartnerGrant> {
    const seen = await this.findInReach(id);
    if (!seen) throw notFound('The partner grant');
    await bumpEpoch(this.session, seen.clientId);
    return this.session.manager.findOneByOrFail(PartnerGrant, { id });
  }

  /** Whoever asks: for the principal endpoint. */
  findByClient(clientId: string): Promise<PartnerGrant | null> {
    return this.session.manager.findOneBy(PartnerGrant, { clientId });
  }

  findById(id: string): Promise<PartnerGrant | null> {
    return this.session.manager.findOneBy(PartnerGrant, { id });
  }

  /** Whoever granted them: for the record of disclosures. */
  async findByIds(ids: readonly string[]): Promise<PartnerGrant[]> {
    return ids.length === 0 ? [] : this.session.manager.findBy(PartnerGrant, { id: In([...new Set(ids)]) });
  }

  page(match: PartnerGrantMatch, args: PageArgs): Promise<Page<PartnerGrant>> {
    const { agencyId, inForceOn, destructionOverdue } = match;
    const query = this.inReach();
    if (agencyId) query.andWhere('pg.agencyId = :agencyId', { agencyId });
    if (inForceOn)
      query.andWhere('pg.revokedAt IS NULL AND pg.startsOn <= :inForceOn AND pg.expiresOn >= :inForceOn', {
        inForceOn,
      });
    if (destructionOverdue != null)
      query.andWhere(
        `${destructionOverdue ? '' : 'NOT '}(pg.destructionDate < :today AND pg.destructionConfirmedAt IS NULL)`,
        { today: this.session.today },
      );
    return paginate(query, {
      connection: 'partnerGrants',
      filter: { agencyId, inForceOn, destructionOverdue },
      args,
      order: [
        { sql: 'pg.expiresOn', value: (row) => row.expiresOn },
        { sql: 'pg.id', value: (row) => row.id },
      ],
      principal: this.session.principal,
      run: async (ready) => {
        const rows = await ready.getMany();
        await assertFresh(this.session);
        return rows;
      },
    });
  }

  /** Those of these students that are in the caller's scope. */
  async studentsInScope(studentIds: readonly string[]): Promise<string[]> {
    if (studentIds.length === 0) return [];
    const rows = await this.access()
      .andWhere('x.student_id IN (:...studentIds)', { studentIds })
      .getRawMany<{ studentId: string }>();
    if (rows.length === 0) await assertFresh(this.session);
    return rows.map((row) => row.studentId);
  }

  /** The students that these grants name, as far as they are in the caller's scope, in one statement. */
  async studentsOf(grantIds: readonly string[]): Promise<Map<string, string[]>> {
    const byGrant = new Map<string, string[]>(grantIds.map((id) => [id, []]));
    if (grantIds.length === 0) return byGrant;
    const rows = await this.access()
      .addSelect('x.grantee', 'grantee')
      .andWhere("x.relation = 'GRANT' AND x.grantee IN (:...grantees)", { grantees: grantIds.map(agencyGrantee) })
      .orderBy('x.student_id')
      .getRawMany<{ studentId: string; grantee: string }>();
    for (const { studentId, grantee } of rows) byGrant.get(grantee.slice('AGENCY:'.length))?.push(studentId);
    this.session.disclosures.add(
      'partner-grant',
      rows.map((row) => row.studentId),
    );
    return byGrant;
  }

  /** All students of a grant, for revoking it: also those that have left the caller's scope since. */
  async allStudentsOf(grantId: string): Promise<string[]> {
    const session = this.session.crossScope('leave');
    const rows = await session.manager
      .createQueryBuilder(StudentAccess, 'x')
      .comment(scopeMarker(session.scope.marker))
      .where("x.relation = 'GRANT' AND x.grantee = :grantee AND x.revoked_at IS NULL", {
        grantee: agencyGrantee(grantId),
      })
      .getMany();
    return [...new Set(rows.map((row) => row.studentId))];
  }

  async insert(grant: PartnerGrant): Promise<void> {
    await this.session.manager.insert(PartnerGrant, grant as never);
  }

  /** Its terms never change (see `PartnerGrant`). */
  async update(id: string, changes: Partial<Omit<PartnerGrant, Terms>>): Promise<void> {
    await this.session.manager.update(PartnerGrant, id, changes as never);
  }

  /** Distinct students with a row of access, under the caller's own predicate. */
  private access(): SelectQueryBuilder<StudentAccess> {
    const { sql, parameters } = this.session.scope.predicate({ student: 'x.student_id' });
    return this.session.manager
      .createQueryBuilder(StudentAccess, 'x')
      .comment(scopeMarker(this.session.scope.marker))
      .select('x.student_id', 'studentId')
      .distinct(true)
      .where(`(${sql})`, parameters);
  }
}
