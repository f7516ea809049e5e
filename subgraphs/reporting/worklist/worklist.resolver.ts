import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { DueDateKind } from '../due-date/due-date.types';
import { StudentFact } from '../fact/student-fact.entity';
import { ProviderRef } from '../references/provider.reference';
import { StudentRef } from '../references/student.reference';
import { WorklistConnection, WorklistFilter, WorklistOrder } from './worklist.inputs';
import { WorklistService } from './worklist.service';

@Resolver(() => StudentFact)
export class WorklistResolver {
  @RequiresScopes('report:read', 'iep:read')
  @Query(() => WorklistConnection, {
    description: 'Students within your scope, filtered and sorted across all domains.',
  })
  studentWorklist(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => WorklistFilter, { description: 'Which students.' }) filter: WorklistFilter,
    @Arg('orderBy', () => WorklistOrder, { nullable: true, description: 'The order; NEXT_DUE when left out.' })
    orderBy: WorklistOrder | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'Rows per page, at most 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<StudentFact>> {
    return ctx.get(WorklistService).list(filter, orderBy, { first, after });
  }

  @FieldResolver(() => StudentRef, { nullable: true, description: 'The student.' })
  student(@Root() fact: StudentFact): StudentRef {
    return { id: fact.id };
  }

  @FieldResolver(() => [DueDateKind], { description: 'What is overdue today.' })
  overdueKinds(@Ctx() ctx: RequestContext, @Root() fact: StudentFact): DueDateKind[] {
    return ctx.get(WorklistService).overdueKinds(fact);
  }

  @FieldResolver(() => ProviderRef, { nullable: true, description: 'Who manages the case.' })
  caseManager(@Root() fact: StudentFact): ProviderRef | null {
    return fact.caseManagerProviderId ? { id: fact.caseManagerProviderId } : null;
  }
}
