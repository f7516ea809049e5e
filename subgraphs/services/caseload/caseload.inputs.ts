import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { connectionOf } from '../../../platform/graphql/connection';
import { Authenticated, ListSize, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload, UserError } from '../../../platform/graphql/user-error';
import { Provider } from '../provider/provider.entity';
import { StudentRef } from '../references/student.reference';
import { FirstAttend } from './first-attend.entity';

const KEY = 'Repeating the mutation with the same key does not repeat the act.';

/** A student on a caseload: an open `ProviderAssignment`, seen from the provider. Its fields resolve from that row. */
@RequiresScopes('student:read')
@ObjectType('CaseloadEntry', { implements: Node, description: 'A student on a caseload.' })
export class CaseloadEntry {
  @Field(() => ID, { description: 'Opaque id.' })
  id: string;
}
export const CaseloadEntryConnection = connectionOf(() => CaseloadEntry, 'CaseloadEntry');
export const FirstAttendConnection = connectionOf(() => FirstAttend, 'FirstAttend');

@InputType({ description: 'Students to put on a caseload.' })
export class AddToCaseloadInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Whose caseload. Without it your own, for students whose first attend is on file.',
  })
  providerId?: string | null;

  @Field(() => [ID], { defaultValue: [], description: 'The students, by id; at most 100 in all.' })
  studentIds: string[];

  @Field(() => [String], {
    defaultValue: [],
    description: 'The students, by unique state id: for students whom you cannot see yet.',
  })
  stateIds: string[];

  @Field(() => String, {
    nullable: true,
    description: 'The mandated service, by its code. Without it any mandated service that the provider may deliver.',
  })
  serviceCode?: string | null;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

export const CaseloadOutcome = { ADDED: 'ADDED', ALREADY_THERE: 'ALREADY_THERE', REFUSED: 'REFUSED' } as const;
export type CaseloadOutcome = (typeof CaseloadOutcome)[keyof typeof CaseloadOutcome];
graphqlEnum(CaseloadOutcome, 'CaseloadOutcome', 'What became of one student.', {
  ADDED: 'On the caseload now.',
  ALREADY_THERE: 'Was on the caseload before; nothing was changed.',
  REFUSED: 'Not added: see the error.',
});

@Authenticated()
@ObjectType('CaseloadResult', { description: 'What became of one student of the call.' })
export class CaseloadResult {
  @Field({ description: 'The id, or the unique state id, that you gave.' })
  asked: string;

  @Field(() => CaseloadOutcome, { description: 'What became of it.' })
  outcome: CaseloadOutcome;

  @Field(() => StudentRef, { nullable: true, description: 'The student, when on the caseload.' })
  student: StudentRef | null;

  @Field(() => UserError, { nullable: true, description: 'Why not.' })
  error: UserError | null;
}

@Authenticated()
@ObjectType('AddToCaseloadPayload', { description: 'What became of the students, one by one.' })
export class AddToCaseloadPayload extends Payload {
  @ListSize(100)
  @Field(() => [CaseloadResult], { description: 'One result per student, in the order of the input.' })
  results: CaseloadResult[];

  @Field(() => Provider, { nullable: true, description: 'Whose caseload it is; its `caseload` shows the result.' })
  provider?: Provider | null;
}

@InputType({ description: 'The first meeting of a provider with a student for a mandated service.' })
export class ReportFirstAttendInput {
  @Field(() => ID, { nullable: true, description: 'The student, by id. Give this or `stateId`.' })
  studentId?: string | null;

  @Field(() => String, { nullable: true, description: 'The student, by unique state id.' })
  stateId?: string | null;

  @Field({ description: 'The mandated service, by its code.' })
  serviceCode: string;

  @Field(() => DateScalar, { description: 'The day of the meeting; today at the latest.' })
  attendedOn: string;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('ReportFirstAttendPayload', { description: 'What became of reporting a first attend.' })
export class ReportFirstAttendPayload extends Payload {
  @Field(() => String, { nullable: true, description: 'The number that confirms the report.' })
  confirmationNumber?: string | null;

  @Field(() => FirstAttend, { nullable: true, description: 'The report, when the student is yours to see.' })
  firstAttend?: FirstAttend | null;

  @Field(() => CaseloadEntry, {
    nullable: true,
    description: 'The entry on your caseload, when permission to deliver the service is there too.',
  })
  caseloadEntry?: CaseloadEntry | null;
}
