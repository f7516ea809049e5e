import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Cost, RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { act } from '../document/act';
import { Iep } from '../document/iep.entity';
import { IepLoaders } from '../loaders';
import { Document } from '../pdf/document.entity';
import { AccountRef } from '../references/student-ref';
import { SignedCopy } from './signed-copy.entity';
import { AttachSignedCopyInput, AttachSignedCopyPayload } from './signed-copy.inputs';
import { SignedCopyService } from './signed-copy.service';

@Resolver(() => Iep)
export class IepSignedCopyResolver {
  @RequiresScopes('iep.narrative:read')
  @Cost(20)
  @FieldResolver(() => Document, {
    nullable: true,
    description: 'The newest scan of the signed hard copy, which is the legal IEP (SEIS-53).',
  })
  async signedCopy(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<Document | null> {
    const [newest] = await ctx.get(IepLoaders).signedCopies.load(iep.id);
    return newest ? ctx.get(SignedCopyService).asDocument(newest) : null;
  }

  @RequiresScopes('iep.narrative:read')
  @FieldResolver(() => [SignedCopy], {
    nullable: true,
    description: 'All scans of the signed hard copy, the newest first. Earlier ones stay on record.',
  })
  signedCopies(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<SignedCopy[]> {
    return ctx.get(IepLoaders).signedCopies.load(iep.id);
  }

  @RequiresScopes('iep:write', 'iep:affirm')
  @Mutation(() => AttachSignedCopyPayload, {
    description:
      'Attaches a scan of the signed hard copy to an IEP whose meeting was held (SEIS-53), 20 at most: a copy stays for good.',
  })
  attachSignedCopy(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => AttachSignedCopyInput, { description: 'Input.' }) input: AttachSignedCopyInput,
  ): Promise<AttachSignedCopyPayload> {
    return act(ctx, 'attachSignedCopy', input, (session) => session.get(SignedCopyService).attach(input));
  }
}

@Resolver(() => SignedCopy)
export class SignedCopyResolver {
  @Cost(20)
  @FieldResolver(() => Document, { nullable: true, description: 'The file.' })
  document(@Root() copy: SignedCopy, @Ctx() ctx: RequestContext): Document {
    return ctx.get(SignedCopyService).asDocument(copy);
  }

  @FieldResolver(() => AccountRef, { nullable: true, description: 'Who attached it.' })
  attachedBy(@Root() copy: SignedCopy): AccountRef {
    return { id: copy.attachedById };
  }
}
