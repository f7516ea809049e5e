import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { Authenticated, Cost, Reads, RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { RequestRepository } from '../request/request.repository';
import { LocateService } from './locate.service';
import { parseQuickSearch } from './search-text';
import { Student } from './student.entity';
import {
  AddStudentInput,
  AddStudentPayload,
  AssignStateIdInput,
  AssignStateIdPayload,
  LocateStudentInput,
  StudentCard,
  StudentConnection,
  StudentFilter,
  StudentOrder,
  UpdateStudentInput,
  UpdateStudentPayload,
} from './student.inputs';
import { StudentLoader } from './student.loader';
import { StudentRepository } from './student.repository';
import { StudentService } from './student.service';

const FIRST = 'How many, at most 100.';
const AFTER = 'Cursor of the row before the page.';

@Resolver(() => Student)
export class StudentResolver {
  @RequiresScopes('student:read')
  @Query(() => Student, { nullable: true, description: 'One student; null when there is none in your scope.' })
  student(
    @Ctx() ctx: RequestContext,
    @Arg('id', () => ID, { description: 'Opaque id.' }) id: string,
  ): Promise<Student | null> {
    return ctx.get(StudentLoader).byId.load(id);
  }

  @RequiresScopes('student:read')
  @Query(() => Student, {
    nullable: true,
    description: 'One student by unique id; null when there is none in your scope.',
  })
  studentByStateId(
    @Ctx() ctx: RequestContext,
    @Reads('Student.stateId') @Arg('stateId', { description: 'Unique id that the state gave.' }) stateId: string,
  ): Promise<Student | null> {
    return ctx.get(StudentLoader).byStateId.load(stateId);
  }

  @RequiresScopes('student:read')
  @Query(() => StudentConnection, { description: 'Students in your scope.' })
  students(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => StudentFilter, { nullable: true, description: 'Narrows the list.' })
    filter: StudentFilter | null,
    @Arg('orderBy', () => StudentOrder, {
      nullable: true,
      description: 'The order; by name when left out, by unique id for callers who may not read names.',
    })
    orderBy: StudentOrder | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: FIRST }) first: number,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after: string | null,
  ): Promise<Page<Student>> {
    // Without the right to read names, not even their order is told.
    const seesNames = ctx.principal.capabilities.includes('student.demographics:read');
    const order = orderBy ?? (seesNames ? StudentOrder.NAME : StudentOrder.STATE_ID);
    return ctx.get(StudentRepository).page(filter ?? {}, order, { first, after });
  }

  @RequiresScopes('student:read')
  @Cost(200)
  @Query(() => StudentConnection, {
    description: 'Quick search in your scope: "first last", "last, first", or a unique id.',
  })
  searchStudents(
    @Ctx() ctx: RequestContext,
    @Reads('Student.firstName', 'Student.lastName', 'Student.stateId')
    @Arg('text', { description: 'What to search.' })
    text: string,
    @Arg('includeInactive', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'Also records without activity for five years, and hidden ones.',
    })
    includeInactive: boolean,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: FIRST }) first: number,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after: string | null,
  ): Promise<Page<Student>> {
    return ctx.get(StudentRepository).search(parseQuickSearch(text), includeInactive ?? false, { first, after });
  }

  @RequiresScopes('student:locate')
  @Cost(1_000)
  @Query(() => [StudentCard], {
    description: 'Minimal cards of students beyond your scope, at most five. Every call is recorded and counted.',
  })
  locateStudent(
    @Ctx() ctx: RequestContext,
    @Arg('by', { description: 'A state id; or last name, date of birth and purpose.' }) by: LocateStudentInput,
  ): Promise<StudentCard[]> {
    return ctx.get(LocateService).locate(by);
  }

  @RequiresScopes('student:write')
  @Mutation(() => AddStudentPayload, { description: 'Adds a student, or asks the district to.' })
  async addStudent(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The student.' }) input: AddStudentInput,
  ): Promise<AddStudentPayload> {
    const { ids, errors } = await ctx.mutate('addStudent', input, async (session) => ({
      ids: await session.get(StudentService).add(input),
    }));
    return {
      errors,
      student: ids.student ? await ctx.get(StudentRepository).findById(ids.student) : null,
      request: ids.request ? await ctx.get(RequestRepository).findById(ids.request) : null,
    };
  }

  @RequiresScopes('student:write')
  @Mutation(() => UpdateStudentPayload, { description: 'Edits the profile of a student; demographics are read-only.' })
  async updateStudent(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The edit.' }) input: UpdateStudentInput,
  ): Promise<UpdateStudentPayload> {
    const { ids, errors } = await ctx.mutate('updateStudent', input, async (session) => ({
      ids: { student: await session.get(StudentService).update(input) },
    }));
    return { errors, student: ids.student ? await ctx.get(StudentRepository).findById(ids.student) : null };
  }

  @RequiresScopes('stateid:write')
  @Mutation(() => AssignStateIdPayload, { description: 'Assigns another unique id to a student.' })
  async assignStateId(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The id.' }) input: AssignStateIdInput,
  ): Promise<AssignStateIdPayload> {
    const { ids, errors } = await ctx.mutate('assignStateId', input, async (session) => ({
      ids: { student: await session.get(StudentService).assignStateId(input) },
    }));
    return { errors, student: ids.student ? await ctx.get(StudentRepository).findById(ids.student) : null };
  }
}

@Resolver(() => StudentCard)
export class StudentCardResolver {
  @Authenticated()
  @FieldResolver(() => Organization, {
    nullable: true,
    description: 'The LEA that owns the student: whom to ask (SER-29).',
  })
  lea(@Root() { leaId }: StudentCard, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(leaId);
  }
}
