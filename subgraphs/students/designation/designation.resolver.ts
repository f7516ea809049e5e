import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { Finding } from '../../../platform/graphql/finding';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Account } from '../account/account.entity';
import { AccountLoader } from '../account/account.loader';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { ManagerDesignation } from './designation.entity';
import {
  DesignateManagerInput,
  DesignateManagerPayload,
  EndDesignationInput,
  EndDesignationPayload,
} from './designation.inputs';
import { DesignationLoader } from './designation.loader';
import { DesignationRepository } from './designation.repository';
import { missingDesignations } from './designation.rule';
import { DesignationService } from './designation.service';

@Resolver(() => ManagerDesignation)
export class DesignationResolver {
  @RequiresScopes('account:manage')
  @Mutation(() => DesignateManagerPayload, {
    description: 'Names the system manager of a district, or the back-up, in the place of whom was before (SEIS-36).',
  })
  async designateManager(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => DesignateManagerInput, { description: 'Who, where, as what.' }) input: DesignateManagerInput,
  ): Promise<DesignateManagerPayload> {
    const { ids, errors } = await ctx.mutate('designateManager', input, async (session) => ({
      ids: { designation: await session.get(DesignationService).designate(input) },
    }));
    return { errors, designation: await designation(ctx, ids.designation) };
  }

  @RequiresScopes('account:manage')
  @Mutation(() => EndDesignationPayload, { description: 'Ends a designation without a successor (V-027 follows).' })
  async endDesignation(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => EndDesignationInput, { description: 'The designation.' }) input: EndDesignationInput,
  ): Promise<EndDesignationPayload> {
    const { ids, errors } = await ctx.mutate('endDesignation', input, async (session) => {
      await session.get(DesignationService).end(input.designationId);
      return { ids: { designation: input.designationId } };
    });
    return { errors, designation: await designation(ctx, ids.designation) };
  }

  @FieldResolver(() => Account, { nullable: true, description: 'The person.' })
  account(@Root() { accountId }: ManagerDesignation, @Ctx() ctx: RequestContext): Promise<Account | null> {
    return ctx.get(AccountLoader).byId.load(accountId);
  }

  @FieldResolver(() => Organization, { nullable: true, description: 'The district.' })
  organization(@Root() { organizationId }: ManagerDesignation, @Ctx() ctx: RequestContext) {
    return ctx.get(OrganizationLoader).load(organizationId);
  }
}

@Resolver(() => Organization)
export class OrganizationDesignationResolver {
  @RequiresScopes('account:manage')
  @FieldResolver(() => [ManagerDesignation], {
    nullable: true,
    description:
      'Its system manager and back-up, as far as they are active and still administer it. Null for an organization that is not yours or below it.',
  })
  designations(@Root() { id }: Organization, @Ctx() ctx: RequestContext): Promise<ManagerDesignation[] | null> {
    return ctx.get(DesignationLoader).load(id);
  }

  @RequiresScopes('account:manage')
  @FieldResolver(() => [Finding], {
    nullable: true,
    description:
      'What is not in order with the organization: a district without a designated system manager or back-up (V-027). Null for one that is not yours or below it.',
  })
  async findings(@Root() organization: Organization, @Ctx() ctx: RequestContext): Promise<Finding[] | null> {
    const designations = await ctx.get(DesignationLoader).load(organization.id);
    return designations && missingDesignations(organization, designations.map(({ kind }) => kind)); // prettier-ignore
  }
}

async function designation(ctx: RequestContext, id: string | undefined): Promise<ManagerDesignation | null> {
  return id ? ctx.get(DesignationRepository).findById(id) : null;
}
