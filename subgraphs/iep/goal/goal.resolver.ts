import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { act } from '../document/act';
import { IepLoaders } from '../loaders';
import { Goal, GoalProgress } from './goal.entity';
import {
  AddGoalInput,
  AddGoalPayload,
  RecordGoalProgressInput,
  RecordGoalProgressPayload,
  RemoveGoalInput,
  RemoveGoalPayload,
} from './goal.inputs';
import { GoalService } from './goal.service';

@Resolver(() => Goal)
export class GoalResolver {
  @FieldResolver(() => [GoalProgress], { nullable: true, description: 'Progress on this goal, newest first.' })
  progress(@Root() goal: Goal, @Ctx() ctx: RequestContext): Promise<GoalProgress[]> {
    return ctx.get(IepLoaders).progress.load(goal.id);
  }

  @RequiresScopes('goal:write')
  @Mutation(() => AddGoalPayload, { description: 'Adds a goal to a draft, or changes one.' })
  async addGoal(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => AddGoalInput, { description: 'Input.' }) input: AddGoalInput,
  ): Promise<AddGoalPayload> {
    const { ids, errors } = await ctx.mutate('addGoal', input, (session) => session.get(GoalService).add(input));
    const loaders = ctx.get(IepLoaders);
    loaders.forget();
    return {
      errors,
      goal: ids.goal ? await loaders.goal.load(ids.goal) : null,
      iep: ids.iep ? await loaders.iep.load(ids.iep) : null,
    };
  }

  @RequiresScopes('goal:write')
  @Mutation(() => RemoveGoalPayload, { description: 'Takes a goal off a draft (SEIS-67).' })
  removeGoal(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RemoveGoalInput, { description: 'Input.' }) input: RemoveGoalInput,
  ): Promise<RemoveGoalPayload> {
    return act(ctx, 'removeGoal', input, (session) => session.get(GoalService).remove(input));
  }

  @RequiresScopes('progress:write')
  @Mutation(() => RecordGoalProgressPayload, { description: 'Records progress on a goal, on a current IEP too.' })
  async recordGoalProgress(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RecordGoalProgressInput, { description: 'Input.' }) input: RecordGoalProgressInput,
  ): Promise<RecordGoalProgressPayload> {
    const { ids, errors } = await ctx.mutate('recordGoalProgress', input, (session) =>
      session.get(GoalService).recordProgress(input),
    );
    const loaders = ctx.get(IepLoaders);
    loaders.forget();
    if (!ids.goal) return { errors, goal: null, progress: null };
    const entries = await loaders.progress.load(ids.goal);
    return {
      errors,
      goal: await loaders.goal.load(ids.goal),
      progress: entries.find((entry) => entry.id === ids.progress) ?? null,
    };
  }
}
