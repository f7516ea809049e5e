import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection';
import { Authenticated, ListSize, Reads } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { StudentAccessGrant } from './student-access-grant.entity';

export const StudentAccessGrantConnection = connectionOf(() => StudentAccessGrant, 'StudentAccessGrant');

const REPEATED = 'Repeating the mutation with the same key does not repeat the act.';

@InputType({ description: 'Which grants to monitors. What is left out does not limit.' })
export class StudentAccessGrantFilter {
  @Reads('StudentAccessGrant.account')
  @Field(() => ID, { nullable: true, description: 'Only to this account.' })
  accountId?: string | null;

  @Reads('StudentAccessGrant.student')
  @Field(() => ID, { nullable: true, description: 'Only of this student.' })
  studentId?: string | null;

  @Reads('StudentAccessGrant.expiresOn', 'StudentAccessGrant.revokedAt')
  @Field(() => DateScalar, { nullable: true, description: 'Only those in force on this day.' })
  inForceOn?: string | null;
}

@InputType({ description: 'Students to open to a monitor of the state agency.' })
export class GrantStudentAccessInput {
  @Field(() => ID, { description: 'The monitor: an account out of `monitors`.' }) accountId: string;
  @Field(() => [ID], { description: 'The students, all in your scope; at most 500.' }) studentIds: string[];
  @Field({
    description:
      'What the records are looked at for, such as the monitoring of overdue meetings. Kept with the grant, in at most 500 characters.',
  })
  purpose: string;
  @Field(() => DateScalar, { description: 'Last day, inclusive; within a year.' }) expiresOn: string;
  @Field(() => String, { nullable: true, description: REPEATED }) idempotencyKey?: string | null;
}

@InputType({ description: 'The grant to end.' })
export class RevokeStudentAccessInput {
  @Field(() => ID, { description: 'The grant.' }) studentAccessGrantId: string;
  @Field(() => String, { nullable: true, description: REPEATED }) idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('GrantStudentAccessPayload', { description: 'The new grants.' })
export class GrantStudentAccessPayload extends Payload {
  @ListSize(500)
  @Field(() => [StudentAccessGrant], { nullable: true, description: 'The grants, one for each student.' })
  studentAccessGrants?: StudentAccessGrant[] | null;
}

@Authenticated()
@ObjectType('RevokeStudentAccessPayload', { description: 'The ended grant.' })
export class RevokeStudentAccessPayload extends Payload {
  @Field(() => StudentAccessGrant, { nullable: true, description: 'The grant.' })
  studentAccessGrant?: StudentAccessGrant | null;
}
