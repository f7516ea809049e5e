import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { UserError } from '../../../platform/graphql/user-error';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { ProviderAssignment } from '../assignment/assignment.entity';
import { AccessRelationEnum } from '../assignment/assignment.enums';
import { AssignmentRepository } from '../assignment/assignment.repository';
import { Provider } from '../provider/provider.entity';
import { ProviderLoader } from '../provider/provider.loader';
import { StudentRef } from '../references/student.reference';
import { Service } from '../service/service.entity';
import { ServiceLoader } from '../service/service.loader';
import {
  AddToCaseloadInput,
  AddToCaseloadPayload,
  CaseloadEntry,
  CaseloadEntryConnection,
  type CaseloadOutcome,
  type CaseloadResult,
  FirstAttendConnection,
  ReportFirstAttendInput,
  ReportFirstAttendPayload,
} from './caseload.inputs';
import { CaseloadService, type CandidateResult } from './caseload.service';
import { FirstAttend } from './first-attend.entity';
import { FirstAttendRepository } from './first-attend.repository';

@Resolver(() => CaseloadEntry)
export class CaseloadResolver {
  @RequiresScopes('student:read')
  @Query(() => CaseloadEntryConnection, {
    description: 'Students whose case you manage or whom you serve, newest first (SEIS-20, SESIS-18).',
  })
  myCaseload(
    @Ctx() ctx: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last row of the page before.' })
    after: string | null,
  ): Promise<Page<ProviderAssignment>> {
    return ctx.get(AssignmentRepository).caseload({ accountId: ctx.principal.subject }, { first, after });
  }

  @FieldResolver(() => StudentRef, { nullable: true, description: 'The student.' })
  student(@Root() { studentId }: ProviderAssignment): StudentRef {
    return { id: studentId };
  }

  @FieldResolver(() => AccessRelationEnum, { description: 'CASE_MANAGER or PROVIDER.' })
  relation(@Root() { role }: ProviderAssignment): string {
    return role;
  }

  @FieldResolver(() => DateScalar, { description: 'First day on the caseload.' })
  since(@Root() { validFrom }: ProviderAssignment): string {
    return validFrom;
  }

  @FieldResolver(() => DateScalar, { nullable: true, description: 'Planned last day on the caseload.' })
  until(@Root() { validTo }: ProviderAssignment): string | null {
    return validTo;
  }

  @RequiresScopes('caseload:self-add', 'caseload:supervise')
  @Mutation(() => AddToCaseloadPayload, {
    description:
      'Puts students on a caseload: a supervisor on that of a provider, a provider of the department on the own. Rules: V-066 to V-069, SESIS-21.',
  })
  async addToCaseload(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The students, and whose caseload.' }) input: AddToCaseloadInput,
  ): Promise<AddToCaseloadPayload> {
    const outcome = await ctx.mutate('addToCaseload', input, async (session) => {
      const { provider, results } = await session.get(CaseloadService).add(input);
      return { ids: { provider, ...packed(results) }, errors: results.flatMap(({ error }) => error ?? []) };
    });
    const { provider } = outcome.ids;
    const errors = outcome.errors as UserError[];
    return {
      errors,
      results: provider ? unpacked(input, outcome.ids, errors) : [],
      provider: provider ? await ctx.get(ProviderLoader).load(provider) : null,
    };
  }

  @RequiresScopes('caseload:self-add')
  @Mutation(() => ReportFirstAttendPayload, {
    description:
      'Reports that you met a student for a mandated service for the first time; adds the student to your caseload. Rules: V-066, V-067, SESIS-16, SESIS-21.',
  })
  async reportFirstAttend(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The student, the service and the day.' }) input: ReportFirstAttendInput,
  ): Promise<ReportFirstAttendPayload> {
    const outcome = await ctx.mutate('reportFirstAttend', input, async (session) => {
      const { firstAttend, confirmation, assignment, warnings } = await session
        .get(CaseloadService)
        .reportFirstAttend(input);
      return { ids: { firstAttend, confirmation, ...(assignment ? { assignment } : {}) }, errors: warnings };
    });
    const { firstAttend, confirmation, assignment } = outcome.ids;
    return {
      errors: outcome.errors,
      confirmationNumber: confirmation ?? null,
      firstAttend: firstAttend ? await ctx.get(FirstAttendRepository).findById(firstAttend) : null,
      caseloadEntry: assignment ? await ctx.get(AssignmentRepository).findById(assignment) : null,
    };
  }
}

/** Results as the idempotency store keeps them: by position, ids only. */
function packed(results: readonly CandidateResult[]): Record<string, string> {
  return Object.fromEntries(results.map(({ outcome, studentId }, i) => [`row${i}`, `${outcome} ${studentId ?? ''}`]));
}

function unpacked(
  { studentIds, stateIds }: AddToCaseloadInput,
  ids: Record<string, string>,
  errors: readonly UserError[],
): CaseloadResult[] {
  return [...studentIds, ...stateIds].map((asked, i) => {
    const [outcome, studentId] = ids[`row${i}`]!.split(' ');
    const path = i < studentIds.length ? ['studentIds', String(i)] : ['stateIds', String(i - studentIds.length)];
    const error = errors.find((candidate) => candidate.path?.join('.') === path.join('.')) ?? null;
    return { asked, outcome: outcome as CaseloadOutcome, student: studentId ? { id: studentId } : null, error };
  });
}

@Resolver(() => FirstAttend)
export class FirstAttendResolver {
  @RequiresScopes('caseload:supervise')
  @Query(() => FirstAttendConnection, {
    description:
      'First attends older than 48 hours whose provider does not have the student: add the student by hand (V-070).',
  })
  lateFirstAttends(
    @Ctx() ctx: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last row of the page before.' })
    after: string | null,
  ): Promise<Page<FirstAttend>> {
    return ctx.get(FirstAttendRepository).late({ first, after });
  }

  @FieldResolver(() => StudentRef, { nullable: true, description: 'The student.' })
  student(@Root() { studentId }: FirstAttend): StudentRef {
    return { id: studentId };
  }

  @FieldResolver(() => Service, { nullable: true, description: 'The mandated service.' })
  service(@Ctx() ctx: RequestContext, @Root() { serviceId }: FirstAttend): Promise<Service | null> {
    return ctx.get(ServiceLoader).byId.load(serviceId);
  }

  @FieldResolver(() => Provider, { nullable: true, description: 'Who met the student.' })
  provider(@Ctx() ctx: RequestContext, @Root() { providerId }: FirstAttend): Promise<Provider | null> {
    return ctx.get(ProviderLoader).load(providerId);
  }
}

@Resolver(() => Provider)
export class ProviderCaseloadResolver {
  @RequiresScopes('caseload:supervise', 'assignment:write')
  @FieldResolver(() => CaseloadEntryConnection, {
    nullable: true,
    description: 'Students of the provider who are yours to see, newest first (SESIS-09, SER-118).',
  })
  caseload(
    @Ctx() ctx: RequestContext,
    @Root() { id }: Provider,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last row of the page before.' })
    after: string | null,
  ): Promise<Page<ProviderAssignment>> {
    return ctx.get(AssignmentRepository).caseload({ providerId: id }, { first, after });
  }
}
