import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { notFound } from '../../../platform/errors';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { RequestRepository } from '../request/request.repository';
import { Student } from '../student/student.entity';
import { StudentRepository } from '../student/student.repository';
import { StudentRowsLoader } from '../student/student-rows.loader';
import { ProposalService } from './proposal.service';
import { SpedActivity, StudentStatusEntry } from './status.entity';
import { SetStudentStatusInput, SetStudentStatusPayload } from './status.inputs';
import { SpedActivityRepository, StatusRepository } from './status.repository';

class StatusLoader extends StudentRowsLoader<StudentStatusEntry> {
  protected rows(studentIds: readonly string[]): Promise<StudentStatusEntry[]> {
    return this.session.get(StatusRepository).findByStudents(studentIds);
  }
  /** The entry that holds first. */
  protected compare(a: StudentStatusEntry, b: StudentStatusEntry): number {
    return (
      b.recordedAt.getTime() - a.recordedAt.getTime() ||
      b.effectiveOn.localeCompare(a.effectiveOn) ||
      b.id.localeCompare(a.id)
    );
  }
}

class SpedActivityLoader extends StudentRowsLoader<SpedActivity> {
  protected rows(studentIds: readonly string[]): Promise<SpedActivity[]> {
    return this.session.get(SpedActivityRepository).findForDisplay(studentIds);
  }
  protected compare(a: SpedActivity, b: SpedActivity): number {
    return b.entryOn.localeCompare(a.entryOn);
  }
}

@Resolver(() => Student)
export class StatusResolver {
  @RequiresScopes('student:read')
  @FieldResolver(() => [StudentStatusEntry], { nullable: true, description: 'All determinations, the latest first.' })
  statusHistory(@Root() student: Student, @Ctx() ctx: RequestContext): Promise<StudentStatusEntry[]> {
    return ctx.get(StatusLoader).load(student.id);
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => [SpedActivity], {
    nullable: true,
    description: 'Periods in special education, the latest first (SER-113).',
  })
  spedActivities(@Root() student: Student, @Ctx() ctx: RequestContext): Promise<SpedActivity[]> {
    return ctx.get(SpedActivityLoader).load(student.id);
  }

  @RequiresScopes('status:write')
  @Mutation(() => SetStudentStatusPayload, {
    description: 'Appends a status. A case manager sets PENDING and asks the district for the others.',
  })
  async setStudentStatus(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The determination.' }) input: SetStudentStatusInput,
  ): Promise<SetStudentStatusPayload> {
    const { ids, errors } = await ctx.mutate('setStudentStatus', input, async (session) => ({
      ids: await session.get(ProposalService).setStatus(input),
    }));
    if (errors.length > 0) return { errors };
    const student = ids.student ? await ctx.get(StudentRepository).findById(ids.student) : null;
    if (!student) throw notFound('The student');
    return { errors, student, request: ids.request ? await ctx.get(RequestRepository).findById(ids.request) : null };
  }
}
