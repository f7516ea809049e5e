import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { badInput } from '../../../platform/errors';
import { Authenticated, Reads } from '../../../platform/graphql/directives';
import type { Page } from '../../../platform/graphql/connection';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Organization } from './organization.entity';
import { OrganizationConnection } from './organization.inputs';
import { OrganizationKind } from './organization-kind';
import { OrganizationLoader } from './organization.loader';
import { OrganizationRepository } from './organization.repository';

@Resolver(() => Organization)
export class OrganizationResolver {
  @Authenticated()
  @Query(() => Organization, { nullable: true, description: 'One organization, by id or by code.' })
  organization(
    @Ctx() ctx: RequestContext,
    @Arg('id', () => ID, { nullable: true, description: 'Opaque id.' }) id: string | null,
    @Arg('code', () => String, {
      nullable: true,
      description: 'Official code, such as the 14-digit county-district-school code.',
    })
    code: string | null,
  ): Promise<Organization | null> {
    if ((id == null) === (code == null)) throw badInput('Give either `id` or `code`.', ['id']);
    return id != null ? ctx.get(OrganizationLoader).load(id) : ctx.get(OrganizationRepository).findByCode(code!);
  }

  @Authenticated()
  @Query(() => OrganizationConnection, { description: 'The directory of open organizations, by name.' })
  organizations(
    @Ctx() ctx: RequestContext,
    @Arg('kind', () => OrganizationKind, { nullable: true, description: 'Only of this kind.' })
    kind: OrganizationKind | null,
    @Arg('parentId', () => ID, {
      nullable: true,
      description: 'Only directly below this one: the schools of an LEA, the LEAs of a SELPA.',
    })
    parentId: string | null,
    @Arg('text', () => String, {
      nullable: true,
      description: 'Part of the name; case, accents and punctuation do not matter.',
    })
    text: string | null,
    @Reads('Organization.designations')
    @Arg('withoutDesignation', () => Boolean, {
      nullable: true,
      description: 'Only districts of yours that lack a designated system manager or back-up (V-027).',
    })
    withoutDesignation: boolean | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row before the page.' })
    after: string | null,
  ): Promise<Page<Organization>> {
    return ctx.get(OrganizationRepository).page({ kind, parentId, text, withoutDesignation }, { first, after });
  }

  @FieldResolver(() => Organization, {
    nullable: true,
    description: 'The organization above: LEA of a school, SELPA or state of an LEA.',
  })
  parent(@Root() organization: Organization, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(organization.parentId);
  }

  @FieldResolver(() => Organization, {
    nullable: true,
    description: 'The SELPA whose system manager also manages this small LEA (direct service).',
  })
  directServiceSelpa(@Root() organization: Organization, @Ctx() ctx: RequestContext): Promise<Organization | null> {
    return ctx.get(OrganizationLoader).load(organization.directServiceSelpaId);
  }
}
