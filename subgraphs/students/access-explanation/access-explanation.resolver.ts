import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Reads, RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Account } from '../account/account.entity';
import { AccountLoader } from '../account/account.loader';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { AccessExplanationService } from './access-explanation.service';
import { AccessExplanation, AccessRow } from './access-explanation.type';

@Resolver(() => AccessExplanation)
export class AccessExplanationResolver {
  @RequiresScopes('student:read')
  @Query(() => AccessExplanation, {
    nullable: true,
    description:
      'Which rows of access open a student to you, or to an account that you manage, and why not; null when there is no such student in your scope or no such account at your organization or below it.',
  })
  explainAccess(
    @Ctx() ctx: RequestContext,
    @Arg('studentId', () => ID, { description: 'The student.' }) studentId: string,
    @Reads('Account.roles')
    @Arg('accountId', () => ID, {
      nullable: true,
      description: 'The account; your own perspective in use when left out.',
    })
    accountId: string | null,
  ): Promise<AccessExplanation | null> {
    return ctx.get(AccessExplanationService).explain(studentId, accountId);
  }

  @FieldResolver(() => Account, {
    nullable: true,
    description: 'Whose access; null for the client of a partner agency.',
  })
  account(@Root() { accountId }: AccessExplanation, @Ctx() ctx: RequestContext): Promise<Account | null> | null {
    return accountId === null ? null : ctx.get(AccountLoader).byId.load(accountId);
  }
}

@Resolver(() => AccessRow)
export class AccessRowResolver {
  @FieldResolver(() => Organization, { nullable: true, description: 'The LEA through which the right came.' })
  lea(@Root() { leaId }: AccessRow, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(leaId);
  }
}
