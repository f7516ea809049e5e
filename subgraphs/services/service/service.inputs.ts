import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { Service } from './service.entity';
import { DeliveryModel, Frequency, ServiceRecipient, TerminationReason } from './service.enums';

@InputType({ description: 'A service to add: to a draft plan, or by hand.' })
export class AddServiceInput {
  @Field(() => ID, { description: 'The student.' })
  studentId: string;

  @Field(() => ID, {
    nullable: true,
    description:
      'The draft plan that orders it: the service is proposed until the plan is affirmed. Without it the service is active at once.',
  })
  iepId?: string | null;

  @Field({ description: 'State code of the service, such as 415: one of `serviceCodes`.' })
  code: string;

  @Field(() => Frequency, { description: 'How often the minutes are owed.' })
  frequency: Frequency;

  @Field(() => Int, { description: 'Minutes per period of the frequency, at least 10.' })
  minutes: number;

  @Field(() => DeliveryModel, { description: 'In which setting it is delivered.' })
  delivery: DeliveryModel;

  @Field(() => String, { nullable: true, description: 'Where it is delivered; at most 80 characters.' })
  location?: string | null;

  @Field(() => ServiceRecipient, { defaultValue: ServiceRecipient.STUDENT, description: 'Who receives it.' })
  recipient: ServiceRecipient;

  @Field(() => DateScalar, { description: 'First day.' })
  startDate: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Who delivers it. Assigned to the student when the service is active.',
  })
  providerId?: string | null;

  @Field({ defaultValue: false, description: 'True for an extra row under a reported row of the same service.' })
  doNotReport: boolean;

  @Field(() => ID, { nullable: true, description: 'The reported main row, for an extra row.' })
  parentServiceId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Adds the minutes to this service of the same plan, code and frequency, instead of a new row.',
  })
  combineWithServiceId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A service to end.' })
export class TerminateServiceInput {
  @Field(() => ID, { description: 'The service.' })
  serviceId: string;

  @Field(() => Int, { description: 'The version that you read.' })
  version: number;

  @Field(() => DateScalar, {
    nullable: true,
    description: 'Last day of the service; required, today at the latest. To withdraw one that has not begun: today.',
  })
  endDate?: string | null;

  @Field(() => TerminationReason, { nullable: true, description: 'Why it ends; required.' })
  terminationReason?: TerminationReason | null;

  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('AddServicePayload', { description: 'What became of adding a service.' })
export class AddServicePayload extends Payload {
  @Field(() => Service, { nullable: true, description: 'The service, or the one that the minutes were added to.' })
  service?: Service | null;
}

@Authenticated()
@ObjectType('TerminateServicePayload', { description: 'What became of ending a service.' })
export class TerminateServicePayload extends Payload {
  @Field(() => Service, { nullable: true, description: 'The ended service.' })
  service?: Service | null;
}
