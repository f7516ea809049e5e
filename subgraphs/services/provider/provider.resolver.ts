import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { AtLevel, RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { AccountRef } from '../references/account.reference';
import { OrganizationRef } from '../references/organization.reference';
import { Provider } from './provider.entity';
import {
  CreateProviderInput,
  CreateProviderPayload,
  DeactivateProviderInput,
  DeactivateProviderPayload,
  ProviderConnection,
  ProviderFilter,
  UpdateProviderInput,
  UpdateProviderPayload,
} from './provider.inputs';
import { ProviderLoader } from './provider.loader';
import { ProviderRepository } from './provider.repository';
import { ProviderService } from './provider.service';
import { withoutStaffId } from './staff-id';

@Resolver(() => Provider)
export class ProviderResolver {
  @RequiresScopes('provider:read')
  @Query(() => Provider, {
    nullable: true,
    description: 'A provider of your organization or of one below it; null when there is none.',
  })
  provider(
    @Ctx() ctx: RequestContext,
    @Arg('id', () => ID, { description: 'Id of the provider.' }) id: string,
  ): Promise<Provider | null> {
    return ctx.get(ProviderRepository).findVisible(id);
  }

  @RequiresScopes('provider:read')
  @Query(() => ProviderConnection, {
    description: 'Providers of your organization and of those below it, or those assignable to a student, by name.',
  })
  providers(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => ProviderFilter, { nullable: true, description: 'Which ones.' }) filter: ProviderFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last row of the page before.' })
    after: string | null,
  ): Promise<Page<Provider>> {
    return ctx.get(ProviderService).page(filter ?? {}, { first, after });
  }

  @FieldResolver(() => OrganizationRef, {
    nullable: true,
    description: 'The organization that the provider works for, or that holds the contract.',
  })
  organization(@Root() { organizationId }: Provider): OrganizationRef {
    return { id: organizationId };
  }

  @FieldResolver(() => OrganizationRef, {
    nullable: true,
    description: 'The agency that employs the provider, if one does.',
  })
  agency(@Root() { agencyId }: Provider): OrganizationRef | null {
    return agencyId ? { id: agencyId } : null;
  }

  @FieldResolver(() => AccountRef, {
    nullable: true,
    description: 'The account that sees the students of the provider.',
  })
  account(@Root() { accountId }: Provider): AccountRef | null {
    return accountId ? { id: accountId } : null;
  }

  // Domain B.4. Who may be assigned or serves a student is shown beyond the own organization; the number is not.
  @RequiresScopes('assignment:write')
  @AtLevel('district')
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Last four characters of the staff number, to tell two people of one name apart; of providers of your organization and below.',
  })
  async staffIdLastFour(@Ctx() ctx: RequestContext, @Root() { id, staffIdLastFour }: Provider): Promise<string | null> {
    return staffIdLastFour !== null && (await ctx.get(ProviderLoader).isManaged.load(id)) ? staffIdLastFour : null;
  }

  @RequiresScopes('caseload:supervise')
  @Mutation(() => CreateProviderPayload, {
    description:
      'Enters a provider at your organization or one below it. Rules: V-048, V-068, SEIS-08, SER-108, SER-117, SESIS-01.',
  })
  async createProvider(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The provider.' }) input: CreateProviderInput,
  ): Promise<CreateProviderPayload> {
    const outcome = await ctx.mutate('createProvider', withoutStaffId(input), async (session) => ({
      ids: { provider: await session.get(ProviderService).create(input) },
    }));
    return { errors: outcome.errors, provider: await written(ctx, outcome.ids.provider) };
  }

  @RequiresScopes('caseload:supervise')
  @Mutation(() => UpdateProviderPayload, {
    description:
      'Changes a provider of your organization or one below it. Rules: V-048, V-068, SEIS-08, SER-108, SER-115, SER-117, SESIS-01.',
  })
  async updateProvider(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'What changes.' }) input: UpdateProviderInput,
  ): Promise<UpdateProviderPayload> {
    const outcome = await ctx.mutate('updateProvider', withoutStaffId(input), async (session) => {
      await session.get(ProviderService).update(input);
      return { ids: { provider: input.providerId } };
    });
    return { errors: outcome.errors, provider: await written(ctx, outcome.ids.provider) };
  }

  @RequiresScopes('caseload:supervise')
  @Mutation(() => DeactivateProviderPayload, {
    description:
      'Ends the work of a provider who has no students any more; hand them over before (reassignProviders). Rules: V-019, SER-115.',
  })
  async deactivateProvider(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The provider.' }) input: DeactivateProviderInput,
  ): Promise<DeactivateProviderPayload> {
    const outcome = await ctx.mutate('deactivateProvider', input, async (session) => {
      await session.get(ProviderService).deactivate(input);
      return { ids: { provider: input.providerId } };
    });
    return { errors: outcome.errors, provider: await written(ctx, outcome.ids.provider) };
  }
}

const written = (ctx: RequestContext, id?: string): Promise<Provider | null> =>
  id ? ctx.get(ProviderRepository).findVisible(id) : Promise.resolve(null);
