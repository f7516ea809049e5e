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
import { ComingClaimService } from './coming-claim.service';
import { Jurisdiction, SchoolPeriod } from './jurisdiction.entity';
import {
  ClaimJurisdictionInput,
  ClaimJurisdictionPayload,
  ClaimReceipt,
  CloseJurisdictionInput,
  CloseJurisdictionPayload,
  TransferSchoolInput,
  TransferSchoolPayload,
  WithdrawClaimInput,
  WithdrawClaimPayload,
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

async function ofToday(ctx: RequestContext, { id }: Student): Promise<Jurisdiction | null> {
  const { today } = ctx.session;
  const periods = await ctx.get(JurisdictionLoader).load(id);
  return periods.find((row) => row.beginDate <= today && (row.endDate === null || row.endDate >= today)) ?? null;
}

@Resolver(() => Student)
export class StudentJurisdictionResolver {
  @RequiresScopes('student:read')
  @FieldResolver(() => Jurisdiction, { nullable: true, description: 'The jurisdiction of today.' })
  jurisdiction(@Root() student: Student, @Ctx() ctx: RequestContext): Promise<Jurisdiction | null> {
    return ofToday(ctx, student);
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Id in the district that owns the student today; never a Social Security number.',
  })
  async localId(@Root() student: Student, @Ctx() ctx: RequestContext): Promise<string | null> {
    return (await ofToday(ctx, student))?.localId ?? null;
  }

  @RequiresScopes('student:read')
  @FieldResolver(() => [Jurisdiction], {
    nullable: true,
    description:
      'All jurisdictions that have begun, the latest first. A former district sees its own. That another LEA takes the student over tells the last day of the present one.',
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
        return { ids: { ...claimed.ids }, errors: claimed.errors };
      });
      if (!ids.jurisdiction) await countRefusal(subject);
      return { errors, ...(await written(ctx, ids)), claim: await receipt(ctx, ids) };
    } catch (error) {
      if (error instanceof PublicError && error.code === 'NOT_FOUND') await countRefusal(subject);
      throw error;
    }
  }

  @RequiresScopes('jurisdiction:write')
  @Mutation(() => WithdrawClaimPayload, {
    description:
      'Withdraws a claim of your LEA before its first day: the present owner goes on as if there had been none.',
  })
  async withdrawClaim(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The withdrawal.' }) input: WithdrawClaimInput,
  ): Promise<WithdrawClaimPayload> {
    const { ids, errors } = await ctx.mutate('withdrawClaim', input, async (session) => ({
      ids: await session.get(ComingClaimService).withdraw(input.claimId),
    }));
    return { errors, claim: await receipt(ctx, ids) };
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

/** The receipt of a claim that the caller has just made, met again or withdrawn: names nothing of the student. */
async function receipt(ctx: RequestContext, ids: Record<string, string>): Promise<ClaimReceipt | null> {
  if (!ids.jurisdiction) return null;
  const jurisdictions = ctx.session.crossScope('claim').get(JurisdictionRepository);
  const claim = await jurisdictions.oneBeyondScope(ids.jurisdiction);
  if (!claim) return null;
  const { id, beginDate, withdrawnAt } = claim;
  return Object.assign(new ClaimReceipt(), { id, beginDate, withdrawn: withdrawnAt !== null });
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
