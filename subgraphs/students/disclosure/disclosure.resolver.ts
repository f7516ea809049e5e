import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Account } from '../account/account.entity';
import { AccountLoader } from '../account/account.loader';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { DisclosureService } from './disclosure.service';
import { Disclosure, DisclosureConnection } from './disclosure.type';

@Resolver(() => Disclosure)
export class DisclosureResolver {
  @RequiresScopes('disclosure:read')
  @Query(() => DisclosureConnection, {
    description:
      'To whom something of the record of a student was shown, the newest first (34 CFR 99.32); empty when the student is not in your scope. A former district sees its own period.',
  })
  disclosures(
    @Ctx() ctx: RequestContext,
    @Arg('studentId', () => ID, { description: 'The student.' }) studentId: string,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<Disclosure>> {
    return ctx.get(DisclosureService).page(studentId, { first, after });
  }

  @FieldResolver(() => Account, { nullable: true, description: 'The person; null for a partner agency.' })
  account(@Root() { kind, subject }: Disclosure, @Ctx() ctx: RequestContext): Promise<Account | null> | null {
    return kind === 'staff' ? ctx.get(AccountLoader).byId.load(subject) : null;
  }

  @FieldResolver(() => Organization, {
    nullable: true,
    description: 'The party: where the person holds the role, or the partner agency.',
  })
  party(@Root() { organizationId }: Disclosure, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(organizationId);
  }
}
