import { In, IsNull, type SelectQueryBuilder } from 'typeorm';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { assertSearchText } from '../../../platform/graphql/search-text';
import { assertFresh } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { withinOrganization } from '../organization/organization.repository';
import { Account } from './account.entity';
import { RoleGrant } from './role-grant.entity';
import type { RoleName } from './roles';

export interface AccountMatch {
  text?: string | null;
  organizationId?: string | null;
  role?: RoleName | null;
  active?: boolean | null;
}

/**
 * Accounts hang on no student; what limits them is the organization of the caller's perspective. "In reach" means: the
 * account holds or held a role there or below (SEIS-02, SEIS-08).
 */
export class AccountRepository {
  constructor(private readonly session: Session) {}

  private select(): SelectQueryBuilder<Account> {
    return this.session.manager.createQueryBuilder(Account, 'a');
  }

  /** Names behind ids, whoever asks. */
  async findByIds(ids: readonly string[]): Promise<Account[]> {
    return ids.length === 0 ? [] : this.session.manager.findBy(Account, { id: In([...new Set(ids)]) });
  }

  async findById(id: string): Promise<Account | null> {
    return (await this.findByIds([id]))[0] ?? null;
  }

  findByIdentity(issuer: string, subject: string): Promise<Account | null> {
    return this.session.manager.findOneBy(Account, { issuer, subject, kind: 'staff' });
  }

  findByUsername(username: string): Promise<Account | null> {
    return this.session.manager.findOneBy(Account, { username });
  }

  usernameTaken(username: string): Promise<boolean> {
    return this.session.manager.existsBy(Account, { username });
  }

  /** Those of these accounts that the caller may manage, in one statement. */
  async idsInReach(ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.inReach()
      .andWhere('a.id IN (:...ids)', { ids: [...new Set(ids)] })
      .getMany();
    await assertFresh(this.session);
    return new Set(rows.map((row) => row.id));
  }

  /** A page of the accounts in reach, by name. */
  page(match: AccountMatch, args: PageArgs): Promise<Page<Account>> {
    const query = this.inReach();
    if (match.active != null) query.andWhere('a.active = :active', { active: match.active });
    assertSearchText(match.text);
    if (match.text) this.matchText(query, match.text);
    if (match.role || match.organizationId) this.matchRole(query, match);
    return this.paged(query, 'accounts', match, args);
  }

  /** True when the account is active and holds a role today at an organization of this state. */
  holds(accountId: string, role: RoleName, stateCode: string): Promise<boolean> {
    return this.holders(role, stateCode).andWhere('a.id = :accountId', { accountId }).getExists();
  }

  /** A page of the active accounts that hold a role today at an organization of this state, by name. */
  pageOfHolders(role: RoleName, stateCode: string, args: PageArgs): Promise<Page<Account>> {
    return this.paged(this.holders(role, stateCode), 'holders', [role, stateCode], args);
  }

  private holders(role: RoleName, stateCode: string): SelectQueryBuilder<Account> {
    return this.select()
      .where('a.active = :active', { active: true })
      .andWhere(
        'EXISTS (SELECT 1 FROM role_grant hr JOIN organization ho ON ho.id = hr.organization_id WHERE hr.account_id = a.id' +
          ' AND hr.role = :role AND ho.state_code = :stateCode AND hr.revoked_at IS NULL AND hr.valid_from <= :today' +
          ' AND (hr.valid_to IS NULL OR hr.valid_to >= :today))',
        { role, stateCode, today: this.session.today },
      );
  }

  private paged(
    query: SelectQueryBuilder<Account>,
    connection: string,
    filter: unknown,
    args: PageArgs,
  ): Promise<Page<Account>> {
    return paginate(query, {
      connection,
      filter,
      args,
      order: [
        { sql: 'a.displayName', value: (row) => row.displayName },
        { sql: 'a.id', value: (row) => row.id },
      ],
      principal: this.session.principal,
      run: async (ready) => {
        const rows = await ready.getMany();
        await assertFresh(this.session);
        return rows;
      },
    });
  }

  private inReach(): SelectQueryBuilder<Account> {
    return this.select().where(
      `EXISTS (SELECT 1 FROM role_grant rg WHERE rg.account_id = a.id AND ${withinOrganization('rg.organization_id', ':reach')})`,
      {
        reach: this.session.principal.organizationId ?? '',
      },
    );
  }

  private matchText(query: SelectQueryBuilder<Account>, text: string): void {
    // `!` escapes, because the meaning of a backslash in a literal differs between the engines.
    const part = `%${text.trim().toLowerCase().replace(/[!%_]/g, '!$&')}%`;
    query.andWhere("(LOWER(a.displayName) LIKE :part ESCAPE '!' OR a.username LIKE :part ESCAPE '!')", { part });
  }

  private matchRole(query: SelectQueryBuilder<Account>, { role, organizationId }: AccountMatch): void {
    const held = ['mr.account_id = a.id', 'mr.revoked_at IS NULL', withinOrganization('mr.organization_id', ':reach')];
    if (role) held.push('mr.role = :heldRole');
    if (organizationId) held.push(withinOrganization('mr.organization_id', ':heldAt'));
    query.andWhere(`EXISTS (SELECT 1 FROM role_grant mr WHERE ${held.join(' AND ')})`, {
      heldRole: role,
      heldAt: organizationId,
    });
  }

  async insert(account: Account): Promise<void> {
    await this.session.manager.insert(Account, account);
  }

  async deactivate(id: string): Promise<void> {
    await this.session.manager.update(Account, id, { active: false });
  }

  async recordLogin(id: string): Promise<void> {
    await this.session.manager.update(Account, id, { lastLoginAt: this.session.now });
  }
}

/** The roles of accounts. */
export class RoleGrantRepository {
  constructor(private readonly session: Session) {}

  findById(id: string): Promise<RoleGrant | null> {
    return this.session.manager.findOneBy(RoleGrant, { id });
  }

  /** All grants of these accounts, ended ones too, oldest first. */
  async findByAccounts(accountIds: readonly string[]): Promise<RoleGrant[]> {
    if (accountIds.length === 0) return [];
    return this.session.manager.find(RoleGrant, {
      where: { accountId: In([...new Set(accountIds)]) },
      order: { grantedAt: 'ASC', id: 'ASC' },
    });
  }

  /** The same, limited to the caller's organization and those below it. */
  findInReach(accountIds: readonly string[]): Promise<RoleGrant[]> {
    if (accountIds.length === 0) return Promise.resolve([]);
    return this.session.manager
      .createQueryBuilder(RoleGrant, 'rg')
      .where('rg.accountId IN (:...accountIds)', { accountIds: [...new Set(accountIds)] })
      .andWhere(withinOrganization('rg.organization_id', ':reach'), {
        reach: this.session.principal.organizationId ?? '',
      })
      .orderBy('rg.grantedAt')
      .addOrderBy('rg.id')
      .getMany();
  }

  /** Open or planned grants of one account. */
  findUnrevoked(accountId: string): Promise<RoleGrant[]> {
    return this.session.manager.findBy(RoleGrant, { accountId, revokedAt: IsNull() });
  }

  /** Persons with an open or planned grant of a role at an organization, on or after a day. */
  async holders(role: RoleName, organizationId: string, from: string): Promise<Set<string>> {
    const rows = await this.session.manager
      .createQueryBuilder(RoleGrant, 'rg')
      .innerJoin(Account, 'a', 'a.id = rg.accountId AND a.active = :active', { active: true })
      .where({ role, organizationId, revokedAt: IsNull() })
      .andWhere('(rg.validTo IS NULL OR rg.validTo >= :from)', { from })
      .getMany();
    return new Set(rows.map((row) => row.accountId));
  }

  async insert(grant: RoleGrant): Promise<void> {
    await this.session.manager.insert(RoleGrant, grant);
  }

  async makeDefault(grant: RoleGrant): Promise<void> {
    await this.session.manager.update(RoleGrant, { accountId: grant.accountId }, { isDefault: false });
    await this.session.manager.update(RoleGrant, grant.id, { isDefault: true });
  }

  async revoke(id: string): Promise<void> {
    await this.session.manager.update(RoleGrant, id, { revokedAt: this.session.now, isDefault: false });
  }
}
