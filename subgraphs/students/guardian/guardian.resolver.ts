import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Student } from '../student/student.entity';
import { StudentRowsLoader } from '../student/student-rows.loader';
import { Guardian } from './guardian.entity';
import { AddGuardianInput, AddGuardianPayload, UpdateGuardianInput, UpdateGuardianPayload } from './guardian.inputs';
import { GuardianRepository } from './guardian.repository';
import { GuardianService } from './guardian.service';

class GuardianLoader extends StudentRowsLoader<Guardian> {
  protected rows(studentIds: readonly string[]): Promise<Guardian[]> {
    return this.session.get(GuardianRepository).findByStudents(studentIds);
  }
  protected compare(a: Guardian, b: Guardian): number {
    return a.lastName.localeCompare(b.lastName) || a.id.localeCompare(b.id);
  }
}

@Resolver(() => Student)
export class GuardianResolver {
  @RequiresScopes('student.contacts:read')
  @FieldResolver(() => [Guardian], { nullable: true, description: 'Parents and guardians.' })
  guardians(@Root() student: Student, @Ctx() ctx: RequestContext): Promise<Guardian[]> {
    return ctx.get(GuardianLoader).load(student.id);
  }

  @RequiresScopes('student:write')
  @Mutation(() => AddGuardianPayload, { description: 'Adds a parent or guardian.' })
  async addGuardian(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The person.' }) input: AddGuardianInput,
  ): Promise<AddGuardianPayload> {
    const { ids, errors } = await ctx.mutate('addGuardian', input, async (session) => ({
      ids: { guardian: await session.get(GuardianService).add(input) },
    }));
    return { errors, guardian: ids.guardian ? await ctx.get(GuardianRepository).findById(ids.guardian) : null };
  }

  @RequiresScopes('student:write')
  @Mutation(() => UpdateGuardianPayload, { description: 'Edits a parent or guardian.' })
  async updateGuardian(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The edit.' }) input: UpdateGuardianInput,
  ): Promise<UpdateGuardianPayload> {
    const { ids, errors } = await ctx.mutate('updateGuardian', input, async (session) => ({
      ids: { guardian: await session.get(GuardianService).update(input) },
    }));
    return { errors, guardian: ids.guardian ? await ctx.get(GuardianRepository).findById(ids.guardian) : null };
  }
}
