import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Rejection } from '../../../platform/errors';
import { AtLevel, RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { ReassignProvidersInput, ReassignProvidersPayload } from './reassignment.inputs';
import { type MutateEach, type ReassignedStudent, ReassignmentService } from './reassignment.service';

@Resolver()
export class ReassignmentResolver {
  @RequiresScopes('assignment:write')
  @AtLevel('state', 'selpa', 'district', 'school')
  @Mutation(() => ReassignProvidersPayload, {
    description:
      'Hands students over from one provider to another, each on its own. Rules: V-063, V-064, V-067, SER-101.',
  })
  async reassignProviders(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'From whom, to whom, which students.' }) input: ReassignProvidersInput,
  ): Promise<ReassignProvidersPayload> {
    try {
      return payload(await ctx.get(ReassignmentService).reassign(input, eachIn(ctx, input)));
    } catch (error) {
      if (error instanceof Rejection) return { updatedCount: 0, results: [], errors: error.errors };
      throw error;
    }
  }
}

/** One transaction, and one idempotency key, per student. */
function eachIn(
  ctx: RequestContext,
  { fromProviderId, toProviderId, idempotencyKey }: ReassignProvidersInput,
): MutateEach {
  return (studentId, work) => {
    const row = {
      fromProviderId,
      toProviderId,
      studentId,
      idempotencyKey: idempotencyKey ? `${idempotencyKey} ${studentId}` : null,
    };
    return ctx.mutate('reassignProviders', row, work);
  };
}

function payload(rows: readonly ReassignedStudent[]): ReassignProvidersPayload {
  return {
    updatedCount: rows.filter((row) => row.error === null).length,
    results: rows.map(({ studentId, studentName, error }) => ({
      studentId,
      studentName,
      error,
      updated: error === null,
      student: error ? null : { id: studentId },
    })),
    errors: rows.flatMap((row) => row.error ?? []),
  };
}
