import { randomBytes } from 'node:crypto';
import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { ListSize, RequiresScopes } from '../../../platform/graphql/directives';
import { hashSecret } from '../../../platform/secret';
import type { Session } from '../../../platform/scope/session';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Account } from '../account/account.entity';
import { AccountLoader } from '../account/account.loader';
import { Organization } from '../organization/organization.entity';
import { OrganizationLoader } from '../organization/organization.loader';
import { Student } from '../student/student.entity';
import { StudentLoader } from '../student/student.loader';
import { type Credential, PartnerCredentialService } from './partner-credential.service';
import { PartnerGrant, RedisclosureRecipient } from './partner-grant.entity';
import {
  ConfirmPartnerDestructionInput,
  ConfirmPartnerDestructionPayload,
  CreatePartnerGrantInput,
  CreatePartnerGrantPayload,
  PartnerGrantConnection,
  PartnerGrantFilter,
  RevokePartnerGrantInput,
  RevokePartnerGrantPayload,
  RotatePartnerCredentialInput,
  RotatePartnerCredentialPayload,
} from './partner-grant.inputs';
import { PartnerGrantLoader } from './partner-grant.loader';
import { PartnerGrantRepository } from './partner-grant.repository';
import { PartnerGrantService } from './partner-grant.service';
import { readPublicKeys } from './public-keys';

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
    description:
      'Grants an agency access to named students, or to those of organizations (34 CFR 99.33, 99.35). Answers the client secret once.',
  })
  async createPartnerGrant(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => CreatePartnerGrantInput, { description: 'The grant.' }) input: CreatePartnerGrantInput,
  ): Promise<CreatePartnerGrantPayload> {
    return withCredential(ctx, 'createPartnerGrant', input, async (session, credential) => {
      const grant = await session.get(PartnerGrantService).create(input, credential);
      return grant.id;
    });
  }

  @RequiresScopes('partner:manage')
  @Mutation(() => RotatePartnerCredentialPayload, {
    description: 'Replaces the credential of a partner’s client. Answers the new client secret once.',
  })
  async rotatePartnerCredential(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => RotatePartnerCredentialInput, {
      description: 'The grant, and for how long the old one counts.',
    })
    input: RotatePartnerCredentialInput,
  ): Promise<RotatePartnerCredentialPayload> {
    return withCredential(ctx, 'rotatePartnerCredential', input, async (session, credential) => {
      await session.get(PartnerCredentialService).rotate(input, credential);
      return input.partnerGrantId;
    });
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

  @RequiresScopes('partner:manage')
  @Mutation(() => ConfirmPartnerDestructionPayload, {
    description: 'Puts on record that an agency has destroyed what it received under a grant that has ended.',
  })
  async confirmPartnerDestruction(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => ConfirmPartnerDestructionInput, { description: 'Who, when, how.' })
    input: ConfirmPartnerDestructionInput,
  ): Promise<ConfirmPartnerDestructionPayload> {
    const { ids, errors } = await ctx.mutate('confirmPartnerDestruction', input, async (session) => {
      await session.get(PartnerGrantService).confirmDestruction(input);
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

  @ListSize(100)
  @FieldResolver(() => [Student], {
    nullable: true,
    description: 'The students named, as far as they are in your scope.',
  })
  async students(@Root() grant: PartnerGrant, @Ctx() ctx: RequestContext): Promise<Student[]> {
    const ids = await ctx.get(PartnerGrantLoader).studentIds.load(grant.id);
    const students = await Promise.all(ids.map((id) => ctx.get(StudentLoader).byId.load(id)));
    return students.filter((student) => student !== null);
  }

  @ListSize(50)
  @FieldResolver(() => [Organization], {
    nullable: true,
    description: 'The LEAs and schools whose students the grant opens while they have them.',
  })
  async organizations(@Root() grant: PartnerGrant, @Ctx() ctx: RequestContext): Promise<Organization[]> {
    const ids = await ctx.get(PartnerGrantLoader).organizationIds.load(grant.id);
    const organizations = await Promise.all(ids.map((id) => ctx.get(OrganizationLoader).load(id)));
    return organizations.filter((organization) => organization !== null);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'How many students the grant opens today, named ones and those of organizations, in your scope; also those whom a list has only with `includeInactive`.',
  })
  studentCount(@Root() grant: PartnerGrant, @Ctx() ctx: RequestContext): Promise<number> {
    return ctx.get(PartnerGrantLoader).studentCounts.load(grant);
  }

  @FieldResolver(() => [RedisclosureRecipient], {
    nullable: true,
    description: 'To whom the agency may pass the records on, and why (34 CFR 99.32(b)).',
  })
  redisclosureRecipients(@Root() { redisclosure }: PartnerGrant): RedisclosureRecipient[] {
    return redisclosure ?? [];
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The agency’s public keys, a JWKS as JSON; null when the client has a secret.',
  })
  publicKeys(@Root() { publicKeys: keys }: PartnerGrant): string | null {
    return keys && JSON.stringify({ keys });
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'Until when the credential before the present one still counts; null when none does.',
  })
  previousCredentialUntil(@Root() { previousUntil }: PartnerGrant, @Ctx() { clock }: RequestContext): Date | null {
    return previousUntil && previousUntil > clock.now() ? previousUntil : null;
  }

  @FieldResolver(() => Account, { nullable: true, description: 'Who put the destruction on record.' })
  destructionConfirmedBy(@Root() grant: PartnerGrant, @Ctx() ctx: RequestContext): Promise<Account | null> | null {
    return grant.destructionConfirmedBy ? ctx.get(AccountLoader).byId.load(grant.destructionConfirmedBy) : null;
  }
}

/** Runs an act that gives a client the key that the input names, or else a new secret, which is answered this once. */
async function withCredential(
  ctx: RequestContext,
  name: string,
  input: CreatePartnerGrantInput | RotatePartnerCredentialInput,
  act: (session: Session, credential: Credential) => Promise<string>,
): Promise<CreatePartnerGrantPayload> {
  const secret = input.publicKey == null ? randomBytes(32).toString('base64url') : null;
  const secretHash = secret ? await hashSecret(secret) : '';
  let clientSecret: string | null = null;
  const { ids, errors } = await ctx.mutate(name, input, async (session) => {
    const publicKeys = input.publicKey == null ? null : await readPublicKeys(input.publicKey);
    const partnerGrant = await act(session, { secretHash, publicKeys });
    clientSecret = secret;
    return { ids: { partnerGrant } };
  });
  if (!ids.partnerGrant) return { errors, partnerGrant: null, clientSecret: null };
  return { errors, partnerGrant: await ctx.get(PartnerGrantRepository).findInReach(ids.partnerGrant), clientSecret };
}
