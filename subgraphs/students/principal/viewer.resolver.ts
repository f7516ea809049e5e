import { Ctx, Query, Resolver } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Viewer } from './viewer';
import { ViewerService } from './viewer.service';

@Resolver(() => Viewer)
export class ViewerResolver {
  @Authenticated()
  @Query(() => Viewer, { description: 'Who is asking, and with which rights.' })
  viewer(@Ctx() ctx: RequestContext): Promise<Viewer> {
    return ctx.get(ViewerService).viewer();
  }
}
