import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { IepLoaders } from '../loaders';
import { StudentRef } from '../references/student-ref';
import { Evaluation } from './evaluation.entity';
import {
  RecordTriennialWaiverInput,
  RecordTriennialWaiverPayload,
  StartEvaluationInput,
  StartEvaluationPayload,
} from './evaluation.inputs';
import { EvaluationService } from './evaluation.service';

@Resolver(() => Evaluation)
export class EvaluationResolver {
  @FieldResolver(() => StudentRef, { nullable: true, description: 'The student.' })
  student(@Root() evaluation: Evaluation): StudentRef {
    return { id: evaluation.studentId };
  }

  @RequiresScopes('evaluation:write')
  @Mutation(() => StartEvaluationPayload, { description: 'Begins an evaluation.' })
  async startEvaluation(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => StartEvaluationInput, { description: 'Input.' }) input: StartEvaluationInput,
  ): Promise<StartEvaluationPayload> {
    const { ids, errors } = await ctx.mutate('startEvaluation', input, (session) =>
      session.get(EvaluationService).start(input),
    );
    return { errors, evaluation: ids.evaluation ? await ctx.get(IepLoaders).evaluation.load(ids.evaluation) : null };
  }

  @RequiresScopes('evaluation:write')
  @Mutation(() => RecordTriennialWaiverPayload, {
    description: 'Records a triennial waiver: the last evaluation is carried on.',
  })
  async recordTriennialWaiver(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RecordTriennialWaiverInput, { description: 'Input.' }) input: RecordTriennialWaiverInput,
  ): Promise<RecordTriennialWaiverPayload> {
    const { ids, errors } = await ctx.mutate('recordTriennialWaiver', input, (session) =>
      session.get(EvaluationService).waive(input),
    );
    return { errors, evaluation: ids.evaluation ? await ctx.get(IepLoaders).evaluation.load(ids.evaluation) : null };
  }
}
