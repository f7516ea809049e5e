import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection';
import { Authenticated } from '../../../platform/graphql/directives';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { ExitReason, NonParticipationReason } from '../status/exit-reasons';
import { Student } from '../student/student.entity';
import { RequestKind, RequestState, StudentRequest } from './request.entity';

const KEY = 'Repeating with the same key does not repeat the act.';

export const RequestConnection = connectionOf(() => StudentRequest, 'Request');

export enum RequestDecision {
  ACCEPT = 'ACCEPT',
  DENY = 'DENY',
}
graphqlEnum(RequestDecision, 'RequestDecision', 'What the district decides.', {
  ACCEPT: 'Does what was asked for, under the same rules as the act itself.',
  DENY: 'Does not; needs a reason.',
});

@InputType({ description: 'Narrows the work queue.' })
export class RequestFilter {
  @Field(() => RequestKind, { nullable: true, description: 'Only of this kind.' }) kind?: RequestKind | null;
  @Field(() => RequestState, { nullable: true, description: 'Only in this state.' }) state?: RequestState | null;
  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Only what you asked for yourself.' })
  mine?: boolean | null;
}

@InputType({ description: 'Asks the district to exit a student (SEIS-23).' })
export class RequestExitInput {
  @Field(() => ID, { description: 'The student.' }) studentId: string;
  @Field(() => DateScalar, { description: 'Day of the exit: not in the future.' }) exitOn: string;
  @Field(() => ExitReason, { description: 'Why the student leaves.' }) reason: ExitReason;
  @Field(() => NonParticipationReason, { nullable: true, description: 'Needed for reported exits (V-041).' })
  nonParticipationReason?: NonParticipationReason | null;
  @Field(() => DateScalar, { nullable: true, description: 'Day of the prior written notice (V-042).' })
  priorWrittenNoticeOn?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'True when the student still lives in the district.',
  })
  stillResident?: boolean | null;
  @Field(() => String, { nullable: true, description: 'Remark for the district.' }) note?: string | null;
  @Field(() => String, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'Decides a request of the own work queue.' })
export class ProcessRequestInput {
  @Field(() => ID, { description: 'The request.' }) id: string;
  @Field(() => Int, { description: 'The version that you read; another one by now is a CONFLICT.' }) version: number;
  @Field(() => RequestDecision, { description: 'The decision.' }) decision: RequestDecision;
  @Field(() => String, { nullable: true, description: 'Reason; needed to deny.' }) note?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      'For an add that met a record of the same name and birth date: you have checked that this is somebody else.',
  })
  confirmNewRecord?: boolean | null;
  @Field(() => String, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'Takes back a request of your own.' })
export class WithdrawRequestInput {
  @Field(() => ID, { description: 'The request.' }) id: string;
  @Field(() => Int, { description: 'The version that you read; another one by now is a CONFLICT.' }) version: number;
  @Field(() => String, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('RequestExitPayload', { description: 'The request that was made.' })
export class RequestExitPayload extends Payload {
  @Field(() => StudentRequest, { nullable: true, description: 'The request.' }) request?: StudentRequest | null;
}

@Authenticated()
@ObjectType('ProcessRequestPayload', { description: 'What the decision did.' })
export class ProcessRequestPayload extends Payload {
  @Field(() => StudentRequest, { nullable: true, description: 'The request.' }) request?: StudentRequest | null;
  @Field(() => Student, { nullable: true, description: 'The student that it was about, or that came of it.' })
  student?: Student | null;
}

@Authenticated()
@ObjectType('WithdrawRequestPayload', { description: 'The request that was taken back.' })
export class WithdrawRequestPayload extends Payload {
  @Field(() => StudentRequest, { nullable: true, description: 'The request.' }) request?: StudentRequest | null;
}
