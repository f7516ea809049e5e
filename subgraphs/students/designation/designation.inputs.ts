import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { Payload } from '../../../platform/graphql/user-error';
import { DISTRICT_ADMINISTRATORS } from './designation.rule';
import { DesignationKind, ManagerDesignation } from './designation.entity';

const REPEATED = 'Repeating the mutation with the same key does not repeat the act.';

@InputType({ description: 'Who is designated, where, and as what.' })
export class DesignateManagerInput {
  @Field(() => ID, { description: 'The district: yours, or one of your SELPA.' }) organizationId: string;
  @Field(() => ID, {
    description: `The account, by the id that \`accounts\` shows: an active one that has the role ${DISTRICT_ADMINISTRATORS.join(' or ')} at this very district.`,
  })
  accountId: string;
  @Field(() => DesignationKind, { description: 'As what. Whoever was it before is replaced.' }) kind: DesignationKind;
  @Field({ defaultValue: false, description: 'True when it is half of the person’s time (SIRAS-71).' })
  halfTime: boolean;
  @Field(() => String, { nullable: true, description: REPEATED }) idempotencyKey?: string | null;
}

@InputType({ description: 'The designation to end.' })
export class EndDesignationInput {
  @Field(() => ID, { description: 'The designation.' }) designationId: string;
  @Field(() => String, { nullable: true, description: REPEATED }) idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('DesignateManagerPayload', { description: 'The designation.' })
export class DesignateManagerPayload extends Payload {
  @Field(() => ManagerDesignation, { nullable: true, description: 'The designation.' })
  designation?: ManagerDesignation | null;
}

@Authenticated()
@ObjectType('EndDesignationPayload', { description: 'The ended designation.' })
export class EndDesignationPayload extends Payload {
  @Field(() => ManagerDesignation, { nullable: true, description: 'The designation.' })
  designation?: ManagerDesignation | null;
}
