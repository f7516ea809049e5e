import type { RuleError } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import type { MutationInput, RequestContext, WriteResult } from '../../../platform/subgraph/request-context';
import { IepLoaders } from '../loaders';
import type { Iep } from './iep.entity';

export interface IepAnswer {
  iep: Iep | null;
  errors: RuleError[];
}

/** Runs a write and reads its IEP anew through the caller's scope. */
export async function act<I extends MutationInput>(
  ctx: RequestContext,
  name: string,
  input: I,
  work: (session: Session, input: I) => Promise<WriteResult>,
): Promise<IepAnswer> {
  const outcome = await ctx.mutate(name, input, (session) => work(session, input));
  const loaders = ctx.get(IepLoaders);
  loaders.forget();
  return { errors: outcome.errors, iep: outcome.ids.iep ? await loaders.iep.load(outcome.ids.iep) : null };
}
