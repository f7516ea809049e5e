import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { Session } from '../../../platform/scope/session';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Account } from '../account/account.entity';
import { AccountConnection } from '../account/account.inputs';
import { AccountLoader } from '../account/account.loader';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { Student } from '../student/student.entity';
import { StudentLoader } from '../student/student.loader';
import { StudentAccessGrant } from './student-access-grant.entity';
import {
  GrantStudentAccessInput,
  GrantStudentAccessPayload,
  RevokeStudentAccessInput,
  RevokeStudentAccessPayload,
  StudentAccessGrantConnection,
  StudentAccessGrantFilter,
} from './student-access-grant.inputs';
import { StudentAccessGrantRepository } from './student-access-grant.repository';
import { StudentAccessGrantService } from './student-access-grant.service';

class EndLoader extends DataLoader<string, Date | null> {
  constructor(session: Session) {
    super(async (ids) => {
      const ends = await session.get(StudentAccessGrantRepository).ends(ids);
      return ids.map((id) => ends.get(id) ?? null);
    });
  }
}

@Resolver(() => StudentAccessGrant)
export class StudentAccessGrantResolver {
  @RequiresScopes('partner:manage')
  @Query(() => AccountConnection, {
    description: 'The monitors of your state, to whom students can be opened one by one (SIRAS-25), by name.',
  })
  monitors(
    @Ctx() ctx: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<Account>> {
    return ctx.get(StudentAccessGrantService).monitors({ first, after });
  }

  @RequiresScopes('partner:manage')
  @Query(() => StudentAccessGrantConnection, {
    description: 'What is or was opened to monitors of the students in your scope, the next to expire first.',
  })
  studentAccessGrants(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => StudentAccessGrantFilter, { nullable: true, description: 'Which ones.' })
    filter: StudentAccessGrantFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<StudentAccessGrant>> {
    return ctx.get(StudentAccessGrantRepository).page({ ...filter }, { first, after });
  }

  @RequiresScopes('partner:manage')
  @Mutation(() => GrantStudentAccessPayload, {
    description: 'Opens named students to a monitor of the state agency, who can read them until a day (SIRAS-25).',
  })
  async grantStudentAccess(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => GrantStudentAccessInput, { description: 'Who, which students, why, until when.' })
    input: GrantStudentAccessInput,
  ): Promise<GrantStudentAccessPayload> {
    const { ids, errors } = await ctx.mutate('grantStudentAccess', input, async (session) => {
      const granted = await session.get(StudentAccessGrantService).grant(input);
      return { ids: Object.fromEntries(granted.map((id, i) => [`grant${i}`, id])) };
    });
    if (errors.length > 0) return { errors, studentAccessGrants: null };
    const grants = await ctx.get(StudentAccessGrantRepository).findByIds(Object.values(ids));
    return { errors, studentAccessGrants: grants.sort((a, b) => a.id.localeCompare(b.id)) };
  }

  @RequiresScopes('partner:manage')
  @Mutation(() => RevokeStudentAccessPayload, { description: 'Ends a grant to a monitor at once.' })
  async revokeStudentAccess(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RevokeStudentAccessInput, { description: 'The grant.' }) input: RevokeStudentAccessInput,
  ): Promise<RevokeStudentAccessPayload> {
    const { ids, errors } = await ctx.mutate('revokeStudentAccess', input, async (session) => {
      await session.get(StudentAccessGrantService).revoke(input.studentAccessGrantId);
      return { ids: { grant: input.studentAccessGrantId } };
    });
    const grant = ids.grant ? await ctx.get(StudentAccessGrantRepository).findById(ids.grant) : null;
    return { errors, studentAccessGrant: grant };
  }

  @FieldResolver(() => Student, { nullable: true, description: 'The student.' })
  student(@Root() grant: StudentAccessGrant, @Ctx() ctx: RequestContext): Promise<Student | null> {
    return ctx.get(StudentLoader).byId.load(grant.studentId);
  }

  @FieldResolver(() => Account, { nullable: true, description: 'The monitor.' })
  account(@Root() grant: StudentAccessGrant, @Ctx() ctx: RequestContext): Promise<Account | null> {
    return ctx.get(AccountLoader).byId.load(grant.accountId);
  }

  @FieldResolver(() => Organization, { nullable: true, description: 'The organization that granted.' })
  grantor(@Root() grant: StudentAccessGrant, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(grant.grantorOrganizationId);
  }

  @FieldResolver(() => Account, { nullable: true, description: 'Who granted it.' })
  createdBy(@Root() grant: StudentAccessGrant, @Ctx() ctx: RequestContext): Promise<Account | null> {
    return ctx.get(AccountLoader).byId.load(grant.createdBy);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When it was ended before its last day: by hand, or because another LEA took the student over.',
  })
  revokedAt(@Root() grant: StudentAccessGrant, @Ctx() ctx: RequestContext): Promise<Date | null> {
    return ctx.get(EndLoader).load(grant.id);
  }
}
