import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { PublicError } from '../../../platform/errors';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { Session } from '../../../platform/scope/session';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { assertCrossingAllowed, countRefusal } from '../student/crossing-limit';
import { Student } from '../student/student.entity';
import { StudentRepository } from '../student/student.repository';
import { StudentRowsLoader } from '../student/student-rows.loader';
import { Jurisdiction, SchoolPeriod } from './jurisdiction.entity';
import {
  ClaimJurisdictionInput,
  ClaimJurisdictionPayload,
  CloseJurisdictionInput,
  CloseJurisdictionPayload,
  TransferSchoolInput,
  TransferSchoolPayload,
} from './jurisdiction.inputs';
import { JurisdictionRepository, SchoolPeriodRepository } from './jurisdiction.repository';
import { JurisdictionService } from './jurisdiction.service';

class JurisdictionLoader extends StudentRowsLoader<Jurisdiction> {
  protected rows(studentIds: readonly string[]): Promise<Jurisdiction[]> {
    return this.session.get(JurisdictionRepository).findByStudents(studentIds);
  }
  /** The latest first. */
  protected compare(a: Jurisdiction, b: Jurisdiction): number {
    return b.beginDate.localeCompare(a.beginDate);
  }
}

class SchoolPeriodLoader {
  readonly byJurisdiction: DataLoader<string, SchoolPeriod[]>;
  constructor(session: Session) {
    this.byJurisdiction = new DataLoader(async (ids) => {
      const rows = await session.get(SchoolPeriodRepository).findByJurisdictions(ids);
      return ids.map((id) => rows.filter((row) => row.jurisdictionId === id));
    });
  }
}

@Resolver(() => Student)
export class StudentJurisdictionResolver {
  @RequiresScopes('student:read')
  @FieldResolver(() => Jurisdiction, { nullable: true, description: 'The jurisdiction of today.' })
  async jurisdiction(@Root() student: Student, @Ctx() ctx: RequestContext): Promise<Jurisdiction | null> {
    const { today } = ctx.session;
    const periods = await ctx.get(JurisdictionLoader).load(student.id);
    return periods.find((row) => row.beginDate <= today && (row.endDate === null || row.endDate >= today)) ?? null;
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => [Jurisdiction], {
    nullable: true,
    description: 'All jurisdictions, the latest first. A former district sees its own.',
  })
  jurisdictions(@Root() student: Student, @Ctx() ctx: RequestContext): Promise<Jurisdiction[]> {
    return ctx.get(JurisdictionLoader).load(student.id);
  }

  @RequiresScopes('jurisdiction:write')
  @Mutation(() => ClaimJurisdictionPayload, {
    description: 'Takes a student over into your LEA. Refused while another LEA has open services (V-045).',
  })
  async claimJurisdiction(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The claim.' }) input: ClaimJurisdictionInput,
  ): Promise<ClaimJurisdictionPayload> {
    const { subject } = ctx.principal;
    await assertCrossingAllowed(subject);
    const seen = await ctx.get(JurisdictionService).seenOwner(input.stateId);
    try {
      const { ids, errors } = await ctx.mutate('claimJurisdiction', input, async (session) => {
        const claimed = await session.get(JurisdictionService).claim(input, seen);
        return { ids: { ...claimed.ids }, errors: claimed.warnings };
      });
      if (!ids.student) await countRefusal(subject);
      return { errors, ...(await written(ctx, ids)) };
    } catch (error) {
      if (error instanceof PublicError && error.code === 'NOT_FOUND') await countRefusal(subject);
      throw error;
    }
  }

  @RequiresScopes('jurisdiction:write')
  @Mutation(() => TransferSchoolPayload, { description: 'Moves a student to another school of the same LEA.' })
  async transferSchool(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The transfer.' }) input: TransferSchoolInput,
  ): Promise<TransferSchoolPayload> {
    const { ids, errors } = await ctx.mutate('transferSchool', input, async (session) => ({
      ids: { ...(await session.get(JurisdictionService).transferSchool(input)) },
    }));
    return { errors, ...(await written(ctx, ids)) };
  }

  @RequiresScopes('jurisdiction:write')
  @Mutation(() => CloseJurisdictionPayload, { description: 'Ends the jurisdiction of your LEA without a successor.' })
  async closeJurisdiction(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The closing.' }) input: CloseJurisdictionInput,
  ): Promise<CloseJurisdictionPayload> {
    const { ids, errors } = await ctx.mutate('closeJurisdiction', input, async (session) => ({
      ids: { ...(await session.get(JurisdictionService).close(input)) },
    }));
    return { errors, ...(await written(ctx, ids)) };
  }
}

/** What a write did, read anew through the caller's scope. */
async function written(
  ctx: RequestContext,
  ids: Record<string, string>,
): Promise<{ student: Student | null; jurisdiction: Jurisdiction | null }> {
  if (!ids.student || !ids.jurisdiction) return { student: null, jurisdiction: null };
  const [student] = await ctx.get(StudentRepository).findVisible('id', [ids.student]);
  return { student: student ?? null, jurisdiction: await ctx.get(JurisdictionRepository).findById(ids.jurisdiction) };
}

@Resolver(() => Jurisdiction)
export class JurisdictionResolver {
  @RequiresScopes('student:read')
  @FieldResolver(() => Organization, { description: 'The LEA.' })
  lea(@Root() { leaId }: Jurisdiction, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(leaId);
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => Organization, { description: 'The school; the last one of the period.' })
  school(@Root() { schoolId }: Jurisdiction, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(schoolId);
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => [SchoolPeriod], {
    nullable: true,
    description: 'The schools of the period, the first one first (SER-31).',
  })
  schools(@Root() { id }: Jurisdiction, @Ctx() ctx: RequestContext): Promise<SchoolPeriod[]> {
    return ctx.get(SchoolPeriodLoader).byJurisdiction.load(id);
  }
}

@Resolver(() => SchoolPeriod)
export class SchoolPeriodResolver {
  @RequiresScopes('student:read')
  @FieldResolver(() => Organization, { description: 'The school.' })
  school(@Root() { schoolId }: SchoolPeriod, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(schoolId);
  }
}
