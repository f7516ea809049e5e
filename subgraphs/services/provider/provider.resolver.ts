import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { AccountRef } from '../references/account.reference';
import { OrganizationRef } from '../references/organization.reference';
import { Provider } from './provider.entity';
import { ProviderConnection, ProviderFilter } from './provider.inputs';
import { ProviderRepository } from './provider.repository';

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
  @Query(() => ProviderConnection, { description: 'Providers of your organization and of those below it, by name.' })
  providers(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => ProviderFilter, { nullable: true, description: 'Which ones.' }) filter: ProviderFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last row of the page before.' })
    after: string | null,
  ): Promise<Page<Provider>> {
    return ctx.get(ProviderRepository).page(filter ?? {}, { first, after });
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
}
