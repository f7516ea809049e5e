import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { Account } from './account.entity';
import { GrantRoleInput, GrantRolePayload, RevokeRoleInput, RevokeRolePayload } from './account.inputs';
import { AccountLoader } from './account.loader';
import { RoleGrantRepository } from './account.repository';
import { AccountService } from './account.service';
import { RoleGrant } from './role-grant.entity';
import { RoleService } from './role.service';

@Resolver(() => RoleGrant)
export class RoleGrantResolver {
  @RequiresScopes('account:manage')
  @Mutation(() => GrantRolePayload, {
    description: 'Grants a role at your organization or below it, at your level or below (SEIS-37, V-065).',
  })
  async grantRole(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => GrantRoleInput, { description: 'The role.' }) input: GrantRoleInput,
  ): Promise<GrantRolePayload> {
    const { ids, errors } = await ctx.mutate('grantRole', input, async (session) => {
      const account = await session.get(AccountService).accountInReach(input.accountId);
      const grant = await session.get(RoleService).grant(input, account);
      return { ids: { roleGrant: grant.id } };
    });
    return { errors, roleGrant: ids.roleGrant ? await ctx.get(RoleGrantRepository).findById(ids.roleGrant) : null };
  }

  @RequiresScopes('account:manage')
  @Mutation(() => RevokeRolePayload, {
    description: 'Takes a role away; the next request of the account is denied what it gave.',
  })
  async revokeRole(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RevokeRoleInput, { description: 'The role.' }) input: RevokeRoleInput,
  ): Promise<RevokeRolePayload> {
    const { ids, errors } = await ctx.mutate('revokeRole', input, async (session) => {
      await session.get(RoleService).revoke(input.roleGrantId);
      return { ids: { roleGrant: input.roleGrantId } };
    });
    return { errors, roleGrant: ids.roleGrant ? await ctx.get(RoleGrantRepository).findById(ids.roleGrant) : null };
  }

  @FieldResolver(() => Account, { nullable: true, description: 'Who holds the role.' })
  account(@Root() grant: RoleGrant, @Ctx() ctx: RequestContext): Promise<Account | null> {
    return ctx.get(AccountLoader).byId.load(grant.accountId);
  }

  @FieldResolver(() => Organization, { nullable: true, description: 'Where it is held.' })
  organization(@Root() grant: RoleGrant, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(grant.organizationId);
  }
}
