import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { IepLoaders } from '../loaders';
import { AccountRef } from '../references/student-ref';
import { act } from './act';
import { Iep } from './iep.entity';
import { ReactivateIepInput, ReactivateIepPayload } from './iep.inputs';
import { ReactivateService } from './reactivate.service';
import { Reactivation } from './reactivation.types';

@Resolver(() => Iep)
export class IepReactivationResolver {
  @FieldResolver(() => Reactivation, {
    nullable: true,
    description: 'Set when the district opened this document from an affirmed one, to be corrected and affirmed again.',
  })
  reactivation(@Root() iep: Iep): Reactivation | null {
    return Reactivation.of(iep);
  }

  @RequiresScopes('iep:reactivate')
  @Mutation(() => ReactivateIepPayload, {
    description:
      'Opens the affirmed IEP again in a new document with the same content (California). The affirmed one stays in force until the case manager affirms the new one.',
  })
  reactivateIep(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => ReactivateIepInput, { description: 'Input.' }) input: ReactivateIepInput,
  ): Promise<ReactivateIepPayload> {
    return act(ctx, 'reactivateIep', input, (session) => session.get(ReactivateService).reactivate(input));
  }
}

@Resolver(() => Reactivation)
export class ReactivationResolver {
  @FieldResolver(() => AccountRef, { nullable: true, description: 'Who.' })
  reactivatedBy(@Root() { byId }: Reactivation): AccountRef {
    return { id: byId };
  }

  @FieldResolver(() => Iep, {
    nullable: true,
    description: 'The affirmed IEP that this document replaces once it is affirmed.',
  })
  replaces(@Root() { replacesId }: Reactivation, @Ctx() ctx: RequestContext): Promise<Iep | null> {
    return ctx.get(IepLoaders).iep.load(replacesId);
  }
}
