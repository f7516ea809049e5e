import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { IepLoaders } from '../loaders';
import { act } from './act';
import { Iep } from './iep.entity';
import { RecordLateAgreementInput, RecordLateAgreementPayload } from './iep.inputs';
import { MeetingKind } from './iep-codes';
import { LateAgreementService } from './late-agreement.service';
import { LateAgreement } from './late-agreement.types';

@Resolver(() => Iep)
export class LateAgreementResolver {
  @FieldResolver(() => LateAgreement, {
    nullable: true,
    description: 'Set when the parents refused this amendment first and agreed to it later.',
  })
  async lateAgreement(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<LateAgreement | null> {
    if (iep.kind !== MeetingKind.AMENDMENT || !iep.affirmedAt) return null;
    const [attestation] = await ctx.get(IepLoaders).attestations.load(iep.id);
    return LateAgreement.of(attestation);
  }

  @RequiresScopes('iep:affirm')
  @Mutation(() => RecordLateAgreementPayload, {
    description:
      'Records that the parents agree to an amendment after all that was closed without agreement, and attests it: it becomes the current IEP. All or nothing.',
  })
  recordLateAgreement(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RecordLateAgreementInput, { description: 'Input.' }) input: RecordLateAgreementInput,
  ): Promise<RecordLateAgreementPayload> {
    return act(ctx, 'recordLateAgreement', input, (session) => session.get(LateAgreementService).record(input));
  }
}
