import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection';
import { Authenticated, Reads } from '../../../platform/graphql/directives';
import { Payload } from '../../../platform/graphql/user-error';
import { Provider } from './provider.entity';
import { ProviderKind } from './provider-kind';

export const ProviderConnection = connectionOf(() => Provider, 'Provider');

@InputType({ description: 'Which providers are listed. What is left out does not limit.' })
export class ProviderFilter {
  @Reads('Provider.displayName')
  @Field(() => String, { nullable: true, description: 'Part of the name; case and accents do not matter.' })
  text?: string | null;

  @Reads('Provider.kind')
  @Field(() => ProviderKind, { nullable: true, description: 'On what footing they work.' })
  kind?: ProviderKind | null;

  @Reads('Provider.organization')
  @Field(() => ID, { nullable: true, description: 'The organization that they belong to.' })
  organizationId?: string | null;

  @Reads('Provider.serviceCodes')
  @Field(() => String, { nullable: true, description: 'A service that they may deliver, by its code.' })
  serviceCode?: string | null;

  @Reads('Provider.active')
  @Field(() => Boolean, { nullable: true, description: 'True for those at work, false for those who have left.' })
  active?: boolean | null;

  @Reads('Mutation.assignProvider', 'Student.jurisdiction', 'Provider.organization')
  @Field(() => ID, {
    nullable: true,
    description:
      'A student of yours: lists those at work who may be assigned to the student, beyond your organization too (V-067).',
  })
  assignableTo?: string | null;
}

const KEY = 'Repeating the mutation with the same key does not repeat the act.';
const STAFF_ID =
  'The staff number, such as a social security number. Never shown again: only a keyed hash and the last four characters are kept.';

@InputType({ description: 'A person who shall serve students or manage their cases.' })
export class CreateProviderInput {
  @Field({ description: 'Name as shown in lists; at most 160 characters.' })
  displayName: string;

  @Field(() => ProviderKind, { description: 'On what footing the provider works.' })
  kind: ProviderKind;

  @Field(() => ID, {
    description: 'The organization that the provider works for, or that holds the contract: yours or one below it.',
  })
  organizationId: string;

  @Field(() => ID, { nullable: true, description: 'The agency that employs the provider.' })
  agencyId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The account that sees the students; left out for somebody who does not sign in.',
  })
  accountId?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Codes of the services that the provider may deliver, out of `Query.serviceCodes`; left out for no limit (SESIS-04).',
  })
  serviceCodes?: string[] | null;

  @Field(() => String, { nullable: true, description: STAFF_ID })
  staffId?: string | null;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Changes of a provider. What is left out stays.' })
export class UpdateProviderInput {
  @Field(() => ID, { description: 'The provider.' })
  providerId: string;

  @Field(() => Int, { description: 'The version that you read.' })
  version: number;

  @Field(() => String, { nullable: true, description: 'Name as shown in lists; at most 160 characters.' })
  displayName?: string | null;

  @Field(() => ProviderKind, { nullable: true, description: 'On what footing the provider works.' })
  kind?: ProviderKind | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The organization that the provider works for, or that holds the contract: yours or one below it.',
  })
  organizationId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The agency that employs the provider; null for none.' })
  agencyId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The account that sees the students; null for none. Changes only while the provider has no students.',
  })
  accountId?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Codes of the services that the provider may deliver from now on; null for no limit. Services under way go on.',
  })
  serviceCodes?: string[] | null;

  @Field(() => String, { nullable: true, description: `${STAFF_ID} Null forgets it.` })
  staffId?: string | null;

  @Field({ defaultValue: false, description: 'True for somebody who had left and is back at work.' })
  reactivate: boolean;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A provider who has left.' })
export class DeactivateProviderInput {
  @Field(() => ID, { description: 'The provider.' })
  providerId: string;

  @Field(() => Int, { description: 'The version that you read.' })
  version: number;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('CreateProviderPayload', { description: 'What became of entering a provider.' })
export class CreateProviderPayload extends Payload {
  @Field(() => Provider, { nullable: true, description: 'The provider.' })
  provider?: Provider | null;
}

@Authenticated()
@ObjectType('UpdateProviderPayload', { description: 'What became of changing a provider.' })
export class UpdateProviderPayload extends Payload {
  @Field(() => Provider, { nullable: true, description: 'The provider.' })
  provider?: Provider | null;
}

@Authenticated()
@ObjectType('DeactivateProviderPayload', { description: 'What became of deactivating a provider.' })
export class DeactivateProviderPayload extends Payload {
  @Field(() => Provider, { nullable: true, description: 'The provider.' })
  provider?: Provider | null;
}
