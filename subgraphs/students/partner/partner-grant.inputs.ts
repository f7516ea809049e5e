import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection';
import { Authenticated, Reads } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { PartnerGrant } from './partner-grant.entity';

export const PartnerGrantConnection = connectionOf(() => PartnerGrant, 'PartnerGrant');

@InputType({ description: 'Which partner grants. What is left out does not limit.' })
export class PartnerGrantFilter {
  @Reads('PartnerGrant.agency')
  @Field(() => ID, { nullable: true, description: 'Only of this agency.' })
  agencyId?: string | null;

  @Reads('PartnerGrant.expiresOn')
  @Field(() => DateScalar, { nullable: true, description: 'Only those in force on this day.' })
  inForceOn?: string | null;
}

@InputType({
  description:
    'A grant to a partner agency. All of agreement, purpose, legal basis, expiry and destruction date are needed (34 CFR 99.33, 99.35).',
})
export class CreatePartnerGrantInput {
  @Field(() => ID, { description: 'The agency: an organization of kind PARTNER_AGENCY.' }) agencyId: string;
  @Field(() => [ID], { description: 'The students, all in your scope; at most 500.' }) studentIds: string[];
  @Field(() => [String], {
    description: 'The capabilities granted, such as student:read; none that you do not hold yourself.',
  })
  scopes: string[];
  @Field({ description: 'What the records are used for.' }) purpose: string;
  @Field({ description: 'The law or consent that allows the disclosure.' }) legalBasis: string;
  @Field({ description: 'Reference of the written agreement.' }) agreement: string;
  @Field(() => DateScalar, { description: 'Last day, inclusive; within three years.' }) expiresOn: string;
  @Field(() => DateScalar, { description: 'By when the agency destroys what it received; not before the last day.' })
  destructionDate: string;
  @Field(() => String, {
    nullable: true,
    description: 'The client id, 3 to 60 lower-case letters, digits and hyphens; made up when left out.',
  })
  clientId?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'The partner grant to revoke.' })
export class RevokePartnerGrantInput {
  @Field(() => ID, { description: 'The partner grant.' }) partnerGrantId: string;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('CreatePartnerGrantPayload', { description: 'The new partner grant.' })
export class CreatePartnerGrantPayload extends Payload {
  @Field(() => PartnerGrant, { nullable: true, description: 'The partner grant.' }) partnerGrant?: PartnerGrant | null;
  @Field(() => String, {
    nullable: true,
    description: 'The client secret, shown this once; null when the act is repeated under its key.',
  })
  clientSecret?: string | null;
}

@Authenticated()
@ObjectType('RevokePartnerGrantPayload', { description: 'The revoked partner grant.' })
export class RevokePartnerGrantPayload extends Payload {
  @Field(() => PartnerGrant, { nullable: true, description: 'The partner grant.' }) partnerGrant?: PartnerGrant | null;
}
