import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { AccountRef } from '../references/student-ref';
import { act } from './act';
import { DiscardService } from './discard.service';
import { IepDiscard } from './discard.types';
import { Iep } from './iep.entity';
import { DiscardIepInput, DiscardIepPayload } from './iep.inputs';

@Resolver(() => Iep)
export class IepDiscardResolver {
  @FieldResolver(() => IepDiscard, { nullable: true, description: 'Set when this draft was discarded.' })
  discard(@Root() iep: Iep): IepDiscard | null {
    return IepDiscard.of(iep);
  }

  @RequiresScopes('iep:write')
  @Mutation(() => DiscardIepPayload, {
    description:
      'Discards an open IEP that was started by mistake: it keeps its content, and what it proposed is withdrawn. Refused once something in it is signed (SEIS-53).',
  })
  discardIep(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => DiscardIepInput, { description: 'Input.' }) input: DiscardIepInput,
  ): Promise<DiscardIepPayload> {
    return act(ctx, 'discardIep', input, (session) => session.get(DiscardService).discard(input));
  }
}

@Resolver(() => IepDiscard)
export class DiscardResolver {
  @FieldResolver(() => AccountRef, { nullable: true, description: 'Who.' })
  discardedBy(@Root() { byId }: IepDiscard): AccountRef {
    return { id: byId };
  }
}
