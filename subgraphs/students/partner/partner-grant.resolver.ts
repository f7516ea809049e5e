import { randomBytes } from 'node:crypto';
import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { hashSecret } from '../../../platform/secret';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Account } from '../account/account.entity';
import { AccountLoader } from '../account/account.loader';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { Student } from '../student/student.entity';
import { StudentLoader } from '../student/student.loader';
import { PartnerGrant } from './partner-grant.entity';
import {
  CreatePartnerGrantInput,
  CreatePartnerGrantPayload,
  PartnerGrantConnection,
  PartnerGrantFilter,
  RevokePartnerGrantInput,
  RevokePartnerGrantPayload,
} from './partner-grant.inputs';
import { PartnerGrantLoader } from './partner-grant.loader';
import { PartnerGrantRepository } from './partner-grant.repository';
import { PartnerGrantService } from './partner-grant.service';

@Resolver(() => PartnerGrant)
export class PartnerGrantResolver {
  @RequiresScopes('partner:manage')
  @Query(() => PartnerGrantConnection, {
    description: 'The grants of your organization and those below it to partner agencies, the next to expire first.',
  })
  partnerGrants(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => PartnerGrantFilter, { nullable: true, description: 'Which ones.' })
    filter: PartnerGrantFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<PartnerGrant>> {
    return ctx.get(PartnerGrantRepository).page(filter ?? {}, { first, after });
  }

  @RequiresScopes('partner:manage')
  @Mutation(() => CreatePartnerGrantPayload, {
    description: 'Grants an agency access to named students (34 CFR 99.33, 99.35). Answers the client secret once.',
  })
  async createPartnerGrant(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => CreatePartnerGrantInput, { description: 'The grant.' }) input: CreatePartnerGrantInput,
  ): Promise<CreatePartnerGrantPayload> {
    const secret = randomBytes(32).toString('base64url');
    const secretHash = await hashSecret(secret);
    let clientSecret: string | null = null;
    const { ids, errors } = await ctx.mutate('createPartnerGrant', input, async (session) => {
      const grant = await session.get(PartnerGrantService).create(input, secretHash);
      clientSecret = secret;
      return { ids: { partnerGrant: grant.id } };
    });
    if (!ids.partnerGrant) return { errors, partnerGrant: null, clientSecret: null };
    return { errors, partnerGrant: await ctx.get(PartnerGrantRepository).findInReach(ids.partnerGrant), clientSecret };
  }

  @RequiresScopes('partner:manage')
  @Mutation(() => RevokePartnerGrantPayload, { description: 'Ends a partner grant at once.' })
  async revokePartnerGrant(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RevokePartnerGrantInput, { description: 'The grant.' }) input: RevokePartnerGrantInput,
  ): Promise<RevokePartnerGrantPayload> {
    const { ids, errors } = await ctx.mutate('revokePartnerGrant', input, async (session) => {
      await session.get(PartnerGrantService).revoke(input.partnerGrantId);
      return { ids: { partnerGrant: input.partnerGrantId } };
    });
    return {
      errors,
      partnerGrant: ids.partnerGrant ? await ctx.get(PartnerGrantRepository).findInReach(ids.partnerGrant) : null,
    };
  }

  @FieldResolver(() => Organization, { nullable: true, description: 'The agency.' })
  agency(@Root() grant: PartnerGrant, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(grant.agencyId);
  }

  @FieldResolver(() => Organization, { nullable: true, description: 'The organization that granted.' })
  grantor(@Root() grant: PartnerGrant, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(grant.grantorOrganizationId);
  }

  @FieldResolver(() => Account, { nullable: true, description: 'Who granted it.' })
  createdBy(@Root() grant: PartnerGrant, @Ctx() ctx: RequestContext): Promise<Account | null> {
    return ctx.get(AccountLoader).byId.load(grant.createdBy);
  }

  @FieldResolver(() => [Student], {
    nullable: true,
    description: 'The students named, as far as they are in your scope.',
  })
  async students(@Root() grant: PartnerGrant, @Ctx() ctx: RequestContext): Promise<Student[]> {
    const ids = await ctx.get(PartnerGrantLoader).studentIds.load(grant.id);
    const students = await Promise.all(ids.map((id) => ctx.get(StudentLoader).byId.load(id)));
    return students.filter((student) => student !== null);
  }
}
