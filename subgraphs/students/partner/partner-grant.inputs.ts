import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
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

  @Reads('PartnerGrant.destructionDate', 'PartnerGrant.destructionConfirmedAt')
  @Field(() => Boolean, {
    nullable: true,
    description:
      'True: only those whose destruction date has passed without a confirmed destruction; false: only the others.',
  })
  destructionOverdue?: boolean | null;
}

@InputType({ description: 'A party to which the agency may pass the records on (34 CFR 99.32(b), 99.33).' })
export class RedisclosureRecipientInput {
  @Field({ description: 'The party, in at most 200 characters.' }) name: string;
  @Field({ description: 'Its legitimate interest in the records, in at most 500 characters.' }) interest: string;
}

@InputType({
  description:
    'A grant to a partner agency. All of agreement, purpose, legal basis, expiry and destruction date are needed (34 CFR 99.33, 99.35).',
})
export class CreatePartnerGrantInput {
  @Field(() => ID, { description: 'The agency: an organization of kind PARTNER_AGENCY.' }) agencyId: string;
  @Field(() => [ID], {
    nullable: true,
    description: 'The students, all in your scope; at most 500. Needed unless organizations are named.',
  })
  studentIds?: string[] | null;
  @Field(() => [ID], {
    nullable: true,
    description:
      'LEAs and schools, your own organization or below it; at most 50. The grant opens the students that each of them has, and no longer than it has them.',
  })
  organizationIds?: string[] | null;
  @Field(() => [String], {
    description: 'The capabilities granted, such as student:read; none that you do not hold yourself.',
  })
  scopes: string[];
  @Field({ description: 'What the records are used for.' }) purpose: string;
  @Field({ description: 'The law or consent that allows the disclosure.' }) legalBasis: string;
  @Field({ description: 'Reference of the written agreement.' }) agreement: string;
  @Field(() => DateScalar, { nullable: true, description: 'First day; today when left out.' })
  startsOn?: string | null;
  @Field(() => DateScalar, { description: 'Last day, inclusive; within three years.' }) expiresOn: string;
  @Field(() => DateScalar, { description: 'By when the agency destroys what it received; not before the last day.' })
  destructionDate: string;
  @Field(() => [RedisclosureRecipientInput], {
    nullable: true,
    description: 'To whom the agency may pass the records on, and why; at most 10, to nobody when left out.',
  })
  redisclosureRecipients?: RedisclosureRecipientInput[] | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The agency’s public key, in PEM, as JWK or JWKS: the client then signs its requests for tokens (private_key_jwt, RFC 7523) and there is no secret.',
  })
  publicKey?: string | null;
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

@InputType({ description: 'Another credential for the client of a partner grant.' })
export class RotatePartnerCredentialInput {
  @Field(() => ID, { description: 'The partner grant.' }) partnerGrantId: string;
  @Field(() => String, {
    nullable: true,
    description: 'The agency’s new public key, in PEM, as JWK or JWKS; a new secret is made when left out.',
  })
  publicKey?: string | null;
  @Field(() => Int, {
    nullable: true,
    defaultValue: 24,
    description:
      'For how many hours the present credential still counts, 0 to 168. 0 for one that others may have: it ends at once, and so do its tokens.',
  })
  overlapHours?: number | null;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'That an agency has destroyed what it received under a grant that has ended.' })
export class ConfirmPartnerDestructionInput {
  @Field(() => ID, { description: 'The partner grant.' }) partnerGrantId: string;
  @Field({ description: 'Who destroyed the records, as the agency says, in at most 200 characters.' })
  destroyedBy: string;
  @Field(() => DateScalar, { description: 'On which day; not in the future.' }) destroyedOn: string;
  @Field({ description: 'How, in at most 500 characters.' }) method: string;
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
    description:
      'The client secret, shown this once; null when the client has a public key, and when the act is repeated under its key.',
  })
  clientSecret?: string | null;
}

@Authenticated()
@ObjectType('RevokePartnerGrantPayload', { description: 'The revoked partner grant.' })
export class RevokePartnerGrantPayload extends Payload {
  @Field(() => PartnerGrant, { nullable: true, description: 'The partner grant.' }) partnerGrant?: PartnerGrant | null;
}

@Authenticated()
@ObjectType('RotatePartnerCredentialPayload', { description: 'The partner grant with its new credential.' })
export class RotatePartnerCredentialPayload extends Payload {
  @Field(() => PartnerGrant, { nullable: true, description: 'The partner grant.' }) partnerGrant?: PartnerGrant | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The new client secret, shown this once; null when the client has a public key, and when the act is repeated under its key.',
  })
  clientSecret?: string | null;
}

@Authenticated()
@ObjectType('ConfirmPartnerDestructionPayload', { description: 'The partner grant with its confirmed destruction.' })
export class ConfirmPartnerDestructionPayload extends Payload {
  @Field(() => PartnerGrant, { nullable: true, description: 'The partner grant.' }) partnerGrant?: PartnerGrant | null;
}
