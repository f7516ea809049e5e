import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Provider } from '../provider/provider.entity';
import { ProviderLoader } from '../provider/provider.loader';
import { StudentRef } from '../references/student.reference';
import { Service } from '../service/service.entity';
import { ServiceLoader } from '../service/service.loader';
import { ProviderAssignment } from './assignment.entity';
import {
  AssignProviderInput,
  AssignProviderPayload,
  ChangeCaseManagerInput,
  ChangeCaseManagerPayload,
  RemoveProviderInput,
  RemoveProviderPayload,
} from './assignment.inputs';
import { AssignmentLoader } from './assignment.loader';
import { AssignmentRepository } from './assignment.repository';
import { AssignmentService } from './assignment.service';
import { suggestedCaseManager } from './case-manager-suggestion';

@Resolver(() => ProviderAssignment)
export class AssignmentResolver {
  @FieldResolver(() => StudentRef, { nullable: true, description: 'The student.' })
  student(@Root() { studentId }: ProviderAssignment): StudentRef {
    return { id: studentId };
  }

  @FieldResolver(() => Provider, { nullable: true, description: 'The provider.' })
  provider(@Ctx() ctx: RequestContext, @Root() { providerId }: ProviderAssignment): Promise<Provider | null> {
    return ctx.get(ProviderLoader).load(providerId);
  }

  @FieldResolver(() => Service, {
    nullable: true,
    description: 'The service that the assignment is for; null when it is for the student.',
  })
  async service(@Ctx() ctx: RequestContext, @Root() { serviceId }: ProviderAssignment): Promise<Service | null> {
    return serviceId ? ctx.get(ServiceLoader).byId.load(serviceId) : null;
  }

  @RequiresScopes('assignment:write')
  @Mutation(() => AssignProviderPayload, {
    description:
      'Assigns a provider to a student; the provider sees the student from then on. Rules: V-019, V-020, V-067, SER-101.',
  })
  async assignProvider(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'Whom, to which student.' }) input: AssignProviderInput,
  ): Promise<AssignProviderPayload> {
    const outcome = await ctx.mutate('assignProvider', input, async (session) => ({
      ids: { assignment: await session.get(AssignmentService).assign(input) },
    }));
    const { assignment } = outcome.ids;
    return {
      errors: outcome.errors,
      assignment: assignment ? await ctx.get(AssignmentRepository).findById(assignment) : null,
      student: assignment ? { id: input.studentId } : null,
    };
  }

  @RequiresScopes('assignment:write')
  @Mutation(() => RemoveProviderPayload, {
    description:
      'Ends what a provider does for a student; the provider loses the student at once. Rules: V-019, SER-101.',
  })
  async removeProvider(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'Whom, from which student.' }) input: RemoveProviderInput,
  ): Promise<RemoveProviderPayload> {
    const outcome = await ctx.mutate('removeProvider', input, async (session) => {
      const errors = await session.get(AssignmentService).remove(input);
      return { ids: { student: input.studentId }, errors };
    });
    return { errors: outcome.errors, student: outcome.ids.student ? { id: outcome.ids.student } : null };
  }

  @RequiresScopes('assignment:write')
  @Mutation(() => ChangeCaseManagerPayload, {
    description: 'Makes an assigned provider the one case manager of a student. Rules: V-020, V-067, SER-101.',
  })
  async changeCaseManager(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'Whom, for which student.' }) input: ChangeCaseManagerInput,
  ): Promise<ChangeCaseManagerPayload> {
    const outcome = await ctx.mutate('changeCaseManager', input, async (session) => {
      await session.get(AssignmentService).changeCaseManager(input);
      return { ids: { student: input.studentId } };
    });
    const { student } = outcome.ids;
    if (!student) return { errors: outcome.errors };
    return { errors: outcome.errors, student: { id: student }, caseManager: await caseManagerOf(ctx, student) };
  }
}

async function caseManagerOf(ctx: RequestContext, studentId: string): Promise<Provider | null> {
  const assignments = await ctx.get(AssignmentLoader).ofStudent.clear(studentId).load(studentId);
  return assignments.find((row) => row.role === 'CASE_MANAGER')?.joinedProvider ?? null;
}

@Resolver(() => StudentRef)
export class StudentAssignmentsResolver {
  @FieldResolver(() => Provider, { nullable: true, description: 'Who manages the case.' })
  async caseManager(@Ctx() ctx: RequestContext, @Root() { id }: StudentRef): Promise<Provider | null> {
    const assignments = await ctx.get(AssignmentLoader).ofStudent.load(id);
    return assignments.find((row) => row.role === 'CASE_MANAGER')?.joinedProvider ?? null;
  }

  @FieldResolver(() => [Provider], { nullable: true, description: 'Everybody who serves the student at present.' })
  async providers(@Ctx() ctx: RequestContext, @Root() { id }: StudentRef): Promise<Provider[]> {
    const assignments = await ctx.get(AssignmentLoader).ofStudent.load(id);
    const providers = assignments
      .map((row) => row.joinedProvider!)
      .sort((a, b) => a.searchName.localeCompare(b.searchName));
    return [...new Map(providers.map((provider) => [provider.id, provider])).values()];
  }

  @RequiresScopes('service:read')
  @FieldResolver(() => Provider, {
    nullable: true,
    description: 'Default choice of a case manager: the provider of the greatest service. A suggestion (SEIS-40).',
  })
  async suggestedCaseManager(@Ctx() ctx: RequestContext, @Root() { id }: StudentRef): Promise<Provider | null> {
    return ctx.get(ProviderLoader).load(suggestedCaseManager(await ctx.get(ServiceLoader).ofStudent.load(id)));
  }
}
