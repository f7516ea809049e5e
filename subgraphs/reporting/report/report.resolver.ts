import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { AtLevel, Cost, RequiresScopes } from '../../../platform/graphql/directives';
import type { Outcome } from '../../../platform/idempotency';
import type { Session } from '../../../platform/scope/session';
import { type MutationInput, RequestContext, type WriteResult } from '../../../platform/subgraph/request-context';
import { ReportDocument } from './document.type';
import {
  DeleteReportRunInput,
  DeleteReportRunPayload,
  ReportDefinition,
  ReportFormat,
  ReportRunConnection,
  RunReportInput,
  RunReportPayload,
} from './report.inputs';
import { ReportRun } from './report-run.entity';
import { asKeeperOfReports, ReportService } from './report.service';

const Staff = () => AtLevel('state', 'selpa', 'district', 'school', 'teacher');

@Resolver(() => ReportRun)
export class ReportResolver {
  @RequiresScopes('report:read')
  @Staff()
  @Query(() => [ReportDefinition], { description: 'The reports that can be run.' })
  reportDefinitions(@Ctx() ctx: RequestContext): ReportDefinition[] {
    return ctx.get(ReportService).definitions();
  }

  @RequiresScopes('report:read')
  @Staff()
  @Query(() => ReportRunConnection, {
    description: 'Reports that you ran under this perspective in the last 14 days, the newest first (SER-126).',
  })
  myReports(
    @Ctx() ctx: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'Rows per page, at most 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<ReportRun>> {
    return ctx.get(ReportService).page({ first, after });
  }

  @RequiresScopes('report:read')
  @Staff()
  @Query(() => ReportRun, { nullable: true, description: 'A run of your own; null when there is none, or no longer.' })
  reportRun(
    @Ctx() ctx: RequestContext,
    @Arg('id', () => ID, { description: 'Id of the run.' }) id: string,
  ): Promise<ReportRun | null> {
    return ctx.get(ReportService).run(id);
  }

  @FieldResolver(() => ReportDefinition, { description: 'What was run.' })
  definition(@Ctx() ctx: RequestContext, @Root() run: ReportRun): ReportDefinition {
    return ctx.get(ReportService).definitionOf(run);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'In how many parts the file of the finished report comes: one after another they are the file.',
  })
  parts(@Ctx() ctx: RequestContext, @Root() run: ReportRun): number | null {
    return ctx.get(ReportService).parts(run);
  }

  @Cost(5_000)
  @FieldResolver(() => ReportDocument, {
    nullable: true,
    description: 'The finished report as a file; an error tells when it must be run again.',
  })
  download(
    @Ctx() ctx: RequestContext,
    @Root() run: ReportRun,
    @Arg('format', () => ReportFormat, { description: 'The format.' }) _format: ReportFormat,
    @Arg('part', () => Int, {
      nullable: true,
      description: 'Which of its `parts`, from 1; may be left out where there is one.',
    })
    part: number | null,
  ): Promise<ReportDocument> {
    return ctx.get(ReportService).download(run, part ?? null);
  }

  @RequiresScopes('report:read')
  @Staff()
  @Cost(5_000)
  @Mutation(() => RunReportPayload, {
    description: 'Queues a report; it runs with the rights that you have while it runs, and is kept for 14 days.',
  })
  async runReport(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RunReportInput, { description: 'Which report.' }) input: RunReportInput,
  ): Promise<RunReportPayload> {
    const { ids, errors } = await keep(ctx, 'runReport', input, async (session) => ({
      ids: { run: await session.get(ReportService).ask(input) },
    }));
    return { errors, reportRun: ids.run ? await ctx.get(ReportService).run(ids.run) : null };
  }

  @RequiresScopes('report:read')
  @Staff()
  @Mutation(() => DeleteReportRunPayload, {
    description: 'Deletes a report of your own before its 14 days are over (SER-128).',
  })
  async deleteReportRun(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => DeleteReportRunInput, { description: 'Which run.' }) input: DeleteReportRunInput,
  ): Promise<DeleteReportRunPayload> {
    const { ids, errors } = await keep(ctx, 'deleteReportRun', input, async (session) => {
      await session.get(ReportService).remove(input);
      return { ids: { run: input.id } };
    });
    return { errors, deletedId: ids.run ?? null };
  }
}

/** A write to the caller's own reports; see `asKeeperOfReports`. */
async function keep(
  ctx: RequestContext,
  name: string,
  input: MutationInput,
  work: (session: Session) => Promise<WriteResult>,
): Promise<Outcome> {
  const keeper = new RequestContext(ctx.database, asKeeperOfReports(ctx.principal), ctx.requestId, ctx.clock, ctx.log);
  const outcome = await keeper.mutate(name, input, work);
  ctx.written = keeper.written;
  return outcome;
}
