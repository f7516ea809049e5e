import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { StudentStatus } from '../status/student-status';
import { Student } from '../student/student.entity';
import { StudentLoader } from '../student/student.loader';
import { StudentRepository } from '../student/student.repository';
import { DecisionService } from './decision.service';
import { StudentRequest } from './request.entity';
import {
  ProcessRequestInput,
  ProcessRequestPayload,
  RequestConnection,
  RequestExitInput,
  RequestExitPayload,
  RequestFilter,
  WithdrawRequestInput,
  WithdrawRequestPayload,
} from './request.inputs';
import { RequestRepository } from './request.repository';
import { RequestService } from './request.service';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

@Resolver(() => StudentRequest)
export class RequestResolver {
  @RequiresScopes('student:read')
  @Query(() => RequestConnection, {
    description: 'Requests that you made, and those that you may decide; the newest first.',
  })
  requests(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => RequestFilter, { nullable: true, description: 'Narrows the list.' })
    filter: RequestFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<StudentRequest>> {
    return ctx.get(RequestRepository).page(filter ?? {}, { first, after });
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => Student, { nullable: true, description: 'The student that it is about, in your scope.' })
  student(@Root() { studentId }: StudentRequest, @Ctx() ctx: RequestContext): Promise<Student | null> | null {
    return studentId ? ctx.get(StudentLoader).byId.load(studentId) : null;
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => String, { nullable: true, description: 'Unique id of the student to add.' })
  proposedStateId(@Root() { proposal }: StudentRequest): string | null {
    return text(proposal.stateId);
  }

  @RequiresScopes('student.demographics:read')
  @FieldResolver(() => String, { nullable: true, description: 'Name of the student to add.' })
  proposedName(@Root() { proposal }: StudentRequest): string | null {
    return text(proposal.lastName) && `${proposal.lastName}, ${proposal.firstName}`;
  }

  @RequiresScopes('student.demographics:read')
  @FieldResolver(() => DateScalar, { nullable: true, description: 'Date of birth of the student to add.' })
  proposedDateOfBirth(@Root() { proposal }: StudentRequest): string | null {
    return text(proposal.dateOfBirth);
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => StudentStatus, { nullable: true, description: 'The status that is asked for.' })
  proposedStatus(@Root() { proposal }: StudentRequest): StudentStatus | null {
    return (text(proposal.status) as StudentStatus) ?? null;
  }

  @RequiresScopes('student:write')
  @Mutation(() => RequestExitPayload, { description: 'Asks the district to exit a student.' })
  async requestExit(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The exit.' }) input: RequestExitInput,
  ): Promise<RequestExitPayload> {
    const { ids, errors } = await ctx.mutate('requestExit', input, async (session) => ({
      ids: { request: await session.get(RequestService).requestExit(input) },
    }));
    return { errors, request: ids.request ? await ctx.get(RequestRepository).findById(ids.request) : null };
  }

  @RequiresScopes('request:process')
  @Mutation(() => ProcessRequestPayload, { description: 'Decides a request. Accepting it does what was asked for.' })
  async processRequest(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The decision.' }) input: ProcessRequestInput,
  ): Promise<ProcessRequestPayload> {
    const { ids, errors } = await ctx.mutate('processRequest', input, async (session) => ({
      ...(await session.get(DecisionService).process(input)),
    }));
    return {
      errors,
      request: ids.request ? await ctx.get(RequestRepository).findById(ids.request) : null,
      student: ids.student ? await ctx.get(StudentRepository).findById(ids.student) : null,
    };
  }

  @RequiresScopes('student:write')
  @Mutation(() => WithdrawRequestPayload, { description: 'Takes back a request of your own.' })
  async withdrawRequest(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The request.' }) input: WithdrawRequestInput,
  ): Promise<WithdrawRequestPayload> {
    const { ids, errors } = await ctx.mutate('withdrawRequest', input, async (session) => ({
      ids: { request: await session.get(RequestService).withdraw(input) },
    }));
    return { errors, request: ids.request ? await ctx.get(RequestRepository).findById(ids.request) : null };
  }
}
