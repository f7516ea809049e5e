import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Iep } from '../document/iep.entity';
import { IepForm } from '../form/form.types';
import { IepLoaders } from '../loaders';
import { RedWindowOverride } from './override.entity';

/** What the red window adds to a form. */
@Resolver(() => IepForm)
export class FormRedWindowResolver {
  @FieldResolver()
  async redWindow(@Root() form: IepForm, @Ctx() ctx: RequestContext): Promise<boolean> {
    return (await ctx.get(IepLoaders).redWindow.load(form.iep)) !== null;
  }
}

/** What the red window adds to an IEP. */
@Resolver(() => Iep)
export class IepRedWindowResolver {
  @FieldResolver(() => [RedWindowOverride], {
    nullable: true,
    description: 'Changes of state-reported fields that a district administrator made in a red window (V-015).',
  })
  redWindowOverrides(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<RedWindowOverride[]> {
    return ctx.get(IepLoaders).redWindowOverrides.load(iep.id);
  }
}
