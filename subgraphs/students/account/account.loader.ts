import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import type { Account } from './account.entity';
import { AccountRepository, RoleGrantRepository } from './account.repository';
import type { RoleGrant } from './role-grant.entity';

/** Accounts of a request: names for everybody, the rest for those who manage them. One statement per batch each. */
export class AccountLoader {
  readonly byId: DataLoader<string, Account | null>;
  private readonly reach: DataLoader<string, boolean>;
  private readonly roles: DataLoader<string, RoleGrant[]>;

  constructor(session: Session) {
    this.byId = new DataLoader(async (ids) => {
      const rows = new Map((await session.get(AccountRepository).findByIds(ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? null);
    });
    this.reach = new DataLoader(async (ids) => {
      const inReach = await session.get(AccountRepository).idsInReach(ids);
      return ids.map((id) => inReach.has(id));
    });
    this.roles = new DataLoader(async (accountIds) => {
      const grants = await session.get(RoleGrantRepository).findInReach(accountIds);
      return accountIds.map((accountId) => grants.filter((grant) => grant.accountId === accountId));
    });
  }

  /** True when the caller may manage the account. */
  inReach(accountId: string): Promise<boolean> {
    return this.reach.load(accountId);
  }

  /** What of an account only its managers see; null for others. */
  async managed<T>(account: Account, value: (account: Account) => T): Promise<T | null> {
    return (await this.inReach(account.id)) ? value(account) : null;
  }

  rolesOf(accountId: string): Promise<RoleGrant[]> {
    return this.roles.load(accountId);
  }
}
