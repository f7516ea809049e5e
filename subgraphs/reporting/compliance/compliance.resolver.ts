import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { AtLevel, Cost, RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { ComplianceReport, type ComplianceRow, ComplianceSummary, GroupBy, PeriodInput } from './compliance.inputs';
import { ComplianceService } from './compliance.service';

@Resolver(() => ComplianceSummary)
export class ComplianceResolver {
  @RequiresScopes('report:read')
  @AtLevel('state', 'selpa', 'district', 'school', 'teacher')
  @Cost(5_000)
  @Query(() => ComplianceSummary, {
    description:
      'Reviews that fall due in a period, in and out of timeline. In: held on or before the due day, or the due day has not passed. Out: held later, or overdue today.',
  })
  complianceSummary(
    @Ctx() ctx: RequestContext,
    @Arg('report', () => ComplianceReport, { description: 'Which timeline.' }) report: ComplianceReport,
    @Arg('groupBy', () => GroupBy, { description: 'What a row stands for.' }) groupBy: GroupBy,
    @Arg('period', () => PeriodInput, { description: 'In which period the due day falls.' }) period: PeriodInput,
    @Arg('organizationId', () => ID, {
      nullable: true,
      description: 'Only students of this state, SELPA, district or school.',
    })
    organizationId: string | null,
  ): Promise<ComplianceSummary> {
    return ctx.get(ComplianceService).summary(report, groupBy, period, organizationId);
  }

  @FieldResolver()
  rows(@Ctx() ctx: RequestContext, @Root() summary: ComplianceSummary): Promise<ComplianceRow[]> {
    return ctx.get(ComplianceService).rows(summary);
  }
}
