import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Cost, RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { ChildCount } from './child-count.inputs';
import { ChildCountService } from './child-count.service';
import { CountDimension } from './dimensions';

@Resolver()
export class ChildCountResolver {
  @RequiresScopes('student:read')
  @Cost(5_000)
  @Query(() => ChildCount, {
    description:
      'Students with a current IEP who are eligible, participating and 3 to 21 years old on a day, within your scope. Exact for staff who may read reports and IEPs; for others on the last count day of a period, with small cells suppressed.',
  })
  childCount(
    @Ctx() ctx: RequestContext,
    @Arg('on', () => DateScalar, { description: 'The day of the count: decides the ages.' }) on: string,
    @Arg('groupBy', () => [CountDimension], {
      description: 'One to four dimensions; a row carries its keys in this order.',
    })
    groupBy: CountDimension[],
    @Arg('organizationId', () => ID, {
      nullable: true,
      description: 'Only students of this state, SELPA, district or school.',
    })
    organizationId: string | null,
  ): Promise<ChildCount> {
    return ctx.get(ChildCountService).count(on, groupBy, organizationId);
  }
}
