import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { StudentRef } from '../references/student.reference';
import { DueDateLoader } from './due-date.loader';
import { DueDate } from './due-date.types';

@Resolver(() => StudentRef)
export class DueDateResolver {
  @FieldResolver(() => [DueDate], {
    nullable: true,
    description: 'What is due for the student, the most urgent first.',
  })
  dueDates(@Ctx() ctx: RequestContext, @Root() student: StudentRef): Promise<DueDate[] | null> {
    return ctx.get(DueDateLoader).load(student.id);
  }
}
