import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { IepLoaders } from '../loaders';
import { SaveIepFormInput, SaveIepFormPayload } from './form.inputs';
import { FormService, presentForm } from './form.service';

@Resolver()
export class FormResolver {
  @RequiresScopes('iep:write')
  @Mutation(() => SaveIepFormPayload, { description: 'Saves one form of a draft and checks it.' })
  async saveIepForm(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => SaveIepFormInput, { description: 'Input.' }) input: SaveIepFormInput,
  ): Promise<SaveIepFormPayload> {
    const { ids, errors } = await ctx.mutate('saveIepForm', input, (session) => session.get(FormService).save(input));
    const loaders = ctx.get(IepLoaders);
    loaders.forget();
    const iep = ids.iep ? await loaders.iep.load(ids.iep) : null;
    if (!iep) return { errors, iep: null, form: null, findings: null };
    const form = (await loaders.forms.load(iep.id)).find((one) => one.kind === ids.form);
    const findings = (await loaders.findings.load(iep)).filter((one) => one.form === ids.form);
    return { errors, iep, form: form ? presentForm(form, iep) : null, findings };
  }
}
