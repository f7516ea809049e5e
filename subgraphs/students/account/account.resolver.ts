import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { hashSecret } from '../../../platform/secret';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Account } from './account.entity';
import {
  AccountConnection,
  AccountFilter,
  CreateAccountInput,
  CreateAccountPayload,
  DeactivateAccountInput,
  DeactivateAccountPayload,
} from './account.inputs';
import { AccountLoader } from './account.loader';
import { AccountRepository } from './account.repository';
import { AccountService } from './account.service';
import { firstPassword } from './password';
import { RoleGrant } from './role-grant.entity';

@Resolver(() => Account)
export class AccountResolver {
  @RequiresScopes('account:manage')
  @Query(() => Account, { nullable: true, description: 'One account with a role at your organization or below it.' })
  async account(
    @Ctx() ctx: RequestContext,
    @Arg('id', () => ID, { description: 'The account.' }) id: string,
  ): Promise<Account | null> {
    const accounts = ctx.get(AccountLoader);
    return (await accounts.inReach(id)) ? accounts.byId.load(id) : null;
  }

  @RequiresScopes('account:manage')
  @Query(() => AccountConnection, {
    description: 'The accounts with a role at your organization or below it, by name.',
  })
  accounts(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => AccountFilter, { nullable: true, description: 'Which ones.' }) filter: AccountFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<Account>> {
    return ctx.get(AccountRepository).page(filter ?? {}, { first, after });
  }

  @RequiresScopes('account:manage')
  @Mutation(() => CreateAccountPayload, {
    description: 'Creates an account with its first role (SEIS-08, V-039, V-040).',
  })
  async createAccount(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => CreateAccountInput, { description: 'The account.' }) input: CreateAccountInput,
  ): Promise<CreateAccountPayload> {
    // Hashed before the transaction, so that nobody waits for the arithmetic.
    const password = firstPassword();
    const passwordHash = await hashSecret(password);
    let initialPassword: string | null = null;
    const { ids, errors } = await ctx.mutate('createAccount', input, async (session) => {
      const account = await session.get(AccountService).create(input, passwordHash);
      initialPassword = account.passwordHash === null ? null : password;
      return { ids: { account: account.id } };
    });
    if (!ids.account) return { errors, account: null, initialPassword: null };
    return { errors, account: await ctx.get(AccountRepository).findById(ids.account), initialPassword };
  }

  @RequiresScopes('account:manage')
  @Mutation(() => DeactivateAccountPayload, {
    description: 'Lets an account no longer sign in; its history stays (SEIS-08).',
  })
  async deactivateAccount(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => DeactivateAccountInput, { description: 'The account.' }) input: DeactivateAccountInput,
  ): Promise<DeactivateAccountPayload> {
    const { ids, errors } = await ctx.mutate('deactivateAccount', input, async (session) => {
      await session.get(AccountService).deactivate(input.accountId);
      return { ids: { account: input.accountId } };
    });
    return { errors, account: ids.account ? await ctx.get(AccountRepository).findById(ids.account) : null };
  }

  @RequiresScopes('account:manage')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'User name. Null for an account without a role at your organization or below it.',
  })
  username(@Root() account: Account, @Ctx() ctx: RequestContext): Promise<string | null> {
    return ctx.get(AccountLoader).managed(account, (row) => row.username);
  }

  @RequiresScopes('account:manage')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'E-mail address. Null for an account without a role at your organization or below it.',
  })
  email(@Root() account: Account, @Ctx() ctx: RequestContext): Promise<string | null> {
    return ctx.get(AccountLoader).managed(account, (row) => row.email);
  }

  @RequiresScopes('account:manage')
  @FieldResolver(() => Boolean, {
    nullable: true,
    description: 'False once deactivated. Null for an account without a role at your organization or below it.',
  })
  active(@Root() account: Account, @Ctx() ctx: RequestContext): Promise<boolean | null> {
    return ctx.get(AccountLoader).managed(account, (row) => row.active);
  }

  @RequiresScopes('account:manage')
  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When the account was last used, by day. Null when never, or out of reach.',
  })
  lastLoginAt(@Root() account: Account, @Ctx() ctx: RequestContext): Promise<Date | null> {
    return ctx.get(AccountLoader).managed(account, (row) => row.lastLoginAt);
  }

  @RequiresScopes('account:manage')
  @FieldResolver(() => [RoleGrant], {
    nullable: true,
    description: 'Its roles at your organization and below it, ended ones too.',
  })
  roles(@Root() account: Account, @Ctx() ctx: RequestContext): Promise<RoleGrant[]> {
    return ctx.get(AccountLoader).rolesOf(account.id);
  }
}
