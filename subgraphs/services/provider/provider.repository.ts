import type { SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { assertSearchText } from '../../../platform/graphql/search-text';
import { assertFresh } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { Provider } from './provider.entity';
import type { ProviderFilter } from './provider.inputs';
import { searchName } from './search-name';

/**
 * SQL that holds when the organization in `column` is the one in `parameter` or lies below it. Joins, because the hierarchy
 * is at most four high: school, LEA, SELPA, state.
 */
function withinOrganization(column: string, parameter: string): string {
  return (
    'EXISTS (SELECT 1 FROM pub_organization w0 LEFT JOIN pub_organization w1 ON w1.id = w0.parent_id' +
    ` LEFT JOIN pub_organization w2 ON w2.id = w1.parent_id WHERE w0.id = ${column}` +
    ` AND ${parameter} IN (w0.id, w0.parent_id, w1.parent_id, w2.parent_id))`
  );
}

/** Providers. Not a scoped repository: a provider hangs on no student. Lists keep to the caller's own organization. */
export class ProviderRepository {
  constructor(private readonly session: Session) {}

  private select(): SelectQueryBuilder<Provider> {
    return this.session.manager.createQueryBuilder(Provider, 't').comment(scopeMarker(this.session.scope.marker));
  }

  /** Providers of the caller's organization and of those below it, and the caller. */
  private visible(): SelectQueryBuilder<Provider> {
    const { subject, organizationId } = this.session.principal;
    const below = organizationId ? ` OR ${withinOrganization('t.organization_id', ':callerOrganization')}` : '';
    return this.select().where(`(t.account_id = :callerAccount${below})`, {
      callerAccount: subject,
      callerOrganization: organizationId,
    });
  }

  /** Any provider by id: who serves a student is shown to whoever sees the student. */
  async findByIds(ids: readonly string[]): Promise<Provider[]> {
    if (ids.length === 0) return [];
    return this.select()
      .where('t.id IN (:...ids)', { ids: [...new Set(ids)] })
      .getMany();
  }

  async findById(id: string): Promise<Provider | null> {
    return (await this.findByIds([id]))[0] ?? null;
  }

  /** The provider if the caller's lists show it, else null. */
  async findVisible(id: string): Promise<Provider | null> {
    return (await this.checked(this.visible().andWhere('t.id = :id', { id })))[0] ?? null;
  }

  /** The provider record of an account; the active one when there are several. */
  async findByAccount(accountId: string): Promise<Provider | null> {
    const rows = await this.select().where('t.account_id = :accountId', { accountId }).orderBy('t.id').getMany();
    return rows.find((row) => row.active) ?? rows[0] ?? null;
  }

  /** The state, as its postal code, in which a provider works. */
  async stateOf(provider: Provider): Promise<string | null> {
    const row = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('o.state_code', 'stateCode')
      .from('pub_organization', 'o')
      .where('o.id = :organizationId', { organizationId: provider.organizationId })
      .getRawOne<{ stateCode: string }>();
    return row?.stateCode ?? null;
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

  /** A page of the providers that the caller's lists show, by name. */
  page(filter: ProviderFilter, args: PageArgs): Promise<Page<Provider>> {
    assertSearchText(filter.text);
    const query = this.visible();
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
    const rows = await query.getMany();
    if (rows.length === 0) await assertFresh(this.session);
    return rows;
  }
}
