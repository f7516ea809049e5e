import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { Payload } from '../../../platform/graphql/user-error';
import { Guardian, GuardianRelationship } from './guardian.entity';

const KEY = 'Repeating with the same key does not repeat the act.';

@InputType({ description: 'A parent or guardian to add.' })
export class AddGuardianInput {
  @Field(() => ID, { description: 'The student.' }) studentId: string;
  @Field(() => String, { nullable: true, description: 'Title.' }) title?: string | null;
  @Field({ description: 'First name.' }) firstName: string;
  @Field({ description: 'Last name.' }) lastName: string;
  @Field(() => String, { nullable: true, description: 'Suffix.' }) suffix?: string | null;
  @Field(() => GuardianRelationship, { description: 'What the person is to the student.' })
  relationship: GuardianRelationship;
  @Field(() => String, { nullable: true, description: 'Telephone.' }) phone?: string | null;
  @Field(() => String, { nullable: true, description: 'E-mail.' }) email?: string | null;
  @Field(() => String, { nullable: true, description: 'Postal address.' }) address?: string | null;
  @Field(() => String, { nullable: true, description: 'Language for notices.' }) language?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'True when the person holds the educational rights.',
  })
  educationalRights?: boolean | null;
  @Field(() => String, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'An edit of a parent or guardian. What is left out stays; null empties it.' })
export class UpdateGuardianInput {
  @Field(() => ID, { description: 'The guardian.' }) id: string;
  @Field(() => Int, { description: 'The version that you read; another one by now is a CONFLICT.' }) version: number;
  @Field(() => String, { nullable: true, description: 'Title.' }) title?: string | null;
  @Field(() => String, { nullable: true, description: 'First name.' }) firstName?: string | null;
  @Field(() => String, { nullable: true, description: 'Last name.' }) lastName?: string | null;
  @Field(() => String, { nullable: true, description: 'Suffix.' }) suffix?: string | null;
  @Field(() => GuardianRelationship, { nullable: true, description: 'What the person is to the student.' })
  relationship?: GuardianRelationship | null;
  @Field(() => String, { nullable: true, description: 'Telephone.' }) phone?: string | null;
  @Field(() => String, { nullable: true, description: 'E-mail.' }) email?: string | null;
  @Field(() => String, { nullable: true, description: 'Postal address.' }) address?: string | null;
  @Field(() => String, { nullable: true, description: 'Language for notices.' }) language?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'True when the person holds the educational rights.' })
  educationalRights?: boolean | null;
  @Field(() => String, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('AddGuardianPayload', { description: 'What was added.' })
export class AddGuardianPayload extends Payload {
  @Field(() => Guardian, { nullable: true, description: 'The guardian.' }) guardian?: Guardian | null;
}

@Authenticated()
@ObjectType('UpdateGuardianPayload', { description: 'What the edit did.' })
export class UpdateGuardianPayload extends Payload {
  @Field(() => Guardian, { nullable: true, description: 'The guardian.' }) guardian?: Guardian | null;
}
