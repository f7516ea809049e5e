import type { QueryDeepPartialEntity, SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { readEntities } from '../../../platform/database/read-entities';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { assertSearchText } from '../../../platform/graphql/search-text';
import { assertFresh } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { Provider } from './provider.entity';
import type { ProviderFilter } from './provider.inputs';
import { searchName } from './search-name';
import { withinOrganization } from './within-organization';

/**
 * SQL that holds when a provider may serve the students of one of these LEAs (V-067): who works for the LEA or at one of its
 * schools, for its SELPA, for another LEA or the county office of that SELPA (regional programs), or for a non-public agency
 * or school of the state, whose contracts are not recorded yet; in New York City everybody of its three kinds (SESIS-01).
 */
const MAY_SERVE =
  'EXISTS (SELECT 1 FROM pub_organization wo JOIN pub_organization ol ON ol.state_code = wo.state_code' +
  " LEFT JOIN pub_organization os ON os.id = ol.parent_id AND os.kind = 'SELPA'" +
  ' WHERE wo.id = t.organization_id AND ol.id IN (:...servedLeas) AND (ol.id IN (wo.id, wo.parent_id) OR wo.id = os.id' +
  " OR (wo.kind = 'LEA' AND wo.parent_id = os.id) OR wo.kind IN ('NPA', 'NPS')" +
  " OR (ol.state_code = 'NY' AND t.kind IN ('DOE_STAFF', 'CONTRACTED_AGENCY', 'INDEPENDENT'))))";

/** Providers. Not a scoped repository: a provider hangs on no student. Lists keep to the caller's own organization. */
export class ProviderRepository {
  constructor(private readonly session: Session) {}

  private select(): SelectQueryBuilder<Provider> {
    return this.session.manager.createQueryBuilder(Provider, 't').comment(scopeMarker(this.session.scope.marker));
  }

  /** Providers of the caller's organization and of those below it: the ones that the caller may change. */
  private managed(): SelectQueryBuilder<Provider> {
    return this.select().where(withinOrganization('t.organization_id', ':callerOrganization'), {
      callerOrganization: this.session.principal.organizationId ?? '',
    });
  }

  /** The same, and the caller. */
  private visible(): SelectQueryBuilder<Provider> {
    const { subject, organizationId } = this.session.principal;
    return this.select().where(
      `(t.account_id = :callerAccount OR ${withinOrganization('t.organization_id', ':callerOrganization')})`,
      { callerAccount: subject, callerOrganization: organizationId ?? '' },
    );
  }

  private atWorkFor(servedLeas: readonly string[]): SelectQueryBuilder<Provider> {
    if (servedLeas.length === 0) return this.select().where('1 = 0');
    return this.select().where(`t.active = :atWork AND ${MAY_SERVE}`, { atWork: true, servedLeas: [...servedLeas] });
  }

  /** Any provider by id: who serves a student is shown to whoever sees the student. */
  async findByIds(ids: readonly string[]): Promise<Provider[]> {
    if (ids.length === 0) return [];
    const query = this.select().where('t.id IN (:...ids)', { ids: [...new Set(ids)] });
    return readEntities(this.session, query);
  }

  /**
   * Any provider by id, who can't leave or move to another organization until the transaction ends: whoever is given a
   * student is read so, under the student's lock.
   */
  async hold(id: string): Promise<Provider | null> {
    const query = this.select().where('t.id = :id', { id });
    // The single writer of SQLite gives the same.
    return (this.session.engine === 'sqlite' ? query : query.setLock('pessimistic_read')).getOne();
  }

  /** The provider if the caller's lists show it, else null. */
  async findVisible(id: string): Promise<Provider | null> {
    return (await this.checked(this.visible().andWhere('t.id = :id', { id })))[0] ?? null;
  }

  /** The provider if the caller may change it, else null. Nobody else changes it, or gives it a student, until the transaction ends. */
  async findForChange(id: string): Promise<Provider | null> {
    const query = this.managed().andWhere('t.id = :id', { id });
    return (
      (await this.checked(this.session.engine === 'sqlite' ? query : query.setLock('pessimistic_write')))[0] ?? null
    );
  }

  /** Those of these providers that the caller may change, in one statement. */
  async managedIds(ids: readonly string[]): Promise<Set<string>> {
    const query = this.managed().andWhere('t.id IN (:...ids)', { ids: [...new Set(ids)] });
    return new Set((await this.checked(query)).map((row) => row.id));
  }

  /** The provider record of an account; the active one when there are several. */
  async findByAccount(accountId: string): Promise<Provider | null> {
    const rows = await this.select().where('t.account_id = :accountId', { accountId }).orderBy('t.id').getMany();
    return rows.find((row) => row.active) ?? rows[0] ?? null;
  }

  /** Whoever has the staff number with this hash: it holds the state. */
  findByStaffId(staffIdHash: string): Promise<Provider | null> {
    return this.select().where('t.staff_id_hash = :staffIdHash', { staffIdHash }).getOne();
  }

  /** True when the provider is at work and may serve students of one of these LEAs (V-067). */
  async mayServe(id: string, leaIds: readonly string[]): Promise<boolean> {
    return (await this.atWorkFor(leaIds).andWhere('t.id = :id', { id }).getOne()) !== null;
  }

  /** Adds a provider; a staff number that is taken fails at the unique index. */
  async insert(provider: Provider): Promise<void> {
    await this.session.manager.insert(Provider, provider as QueryDeepPartialEntity<Provider>);
  }

  /** Changes a provider that the caller holds, and counts the edit. */
  async update({ id, version }: Provider, changes: Partial<Provider>): Promise<void> {
    const counted = { ...changes, version: version + 1 };
    await this.session.manager.update(Provider, id, counted as QueryDeepPartialEntity<Provider>);
  }

  /** True when one of the two organizations is the other or lies below it. */
  async areRelated(organizationId: string, otherId: string): Promise<boolean> {
    const row = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('o.id', 'id')
      .from('pub_organization', 'o')
      .where(
        `((o.id = :organizationId AND ${withinOrganization('o.id', ':otherId')}) OR (o.id = :otherId AND ${withinOrganization('o.id', ':organizationId')}))`,
        { organizationId, otherId },
      )
      .limit(1)
      .getRawOne();
    return row != null;
  }

  /**
   * A page of providers by name: of those that the caller's lists show or, with `servedLeas`, of those at work who may serve
   * the students of one of these LEAs.
   */
  page(filter: ProviderFilter, args: PageArgs, servedLeas?: readonly string[]): Promise<Page<Provider>> {
    assertSearchText(filter.text);
    const query = servedLeas ? this.atWorkFor(servedLeas) : this.visible();
    if (filter.kind) query.andWhere('t.kind = :kind', { kind: filter.kind });
    if (filter.organizationId)
      query.andWhere('t.organization_id = :organizationId', { organizationId: filter.organizationId });
    if (filter.active != null) query.andWhere('t.active = :active', { active: filter.active });
    // Codes are digits and letters only, so that a code in quotes is found in the stored list and nothing else is.
    if (filter.serviceCode != null) {
      const code = /^[0-9A-Za-z]{1,10}$/.test(filter.serviceCode) ? filter.serviceCode : '-';
      query.andWhere('(t.service_codes IS NULL OR t.service_codes LIKE :code)', { code: `%"${code}"%` });
    }
    const text = filter.text == null ? '' : searchName(filter.text);
    if (text) query.andWhere('t.search_name LIKE :text', { text: `%${text}%` });
    else if (filter.text) query.andWhere('1 = 0'); // Signs only: nobody is called that.
    return paginate(query, {
      connection: 'providers',
      filter,
      args,
      order: [
        { sql: 't.searchName', value: (row) => row.searchName },
        { sql: 't.id', value: (row) => row.id },
      ],
      principal: this.session.principal,
      run: (ready) => this.checked(ready),
    });
  }

  private async checked(query: SelectQueryBuilder<Provider>): Promise<Provider[]> {
    const rows = await readEntities(this.session, query);
    if (rows.length === 0) await assertFresh(this.session);
    return rows;
  }
}
