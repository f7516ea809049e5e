import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { StudentRequest } from '../request/request.entity';
import { Student } from '../student/student.entity';
import { ExitReason, NonParticipationReason } from './exit-reasons';
import { StudentStatus } from './student-status';

@InputType({
  description: 'A determination of the special-education status. It is appended; nothing is replaced (SIRAS-62).',
})
export class SetStudentStatusInput {
  @Field(() => ID, { description: 'The student.' }) studentId: string;
  @Field(() => StudentStatus, { description: 'The new status.' }) status: StudentStatus;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The day from which it holds: today when left out; needed for inactive statuses (V-041).',
  })
  effectiveOn?: string | null;
  @Field(() => ExitReason, { nullable: true, description: 'Type of the exit, for EXITED.' })
  exitReason?: ExitReason | null;
  @Field(() => NonParticipationReason, { nullable: true, description: 'Why an eligible student does not participate.' })
  nonParticipationReason?: NonParticipationReason | null;
  @Field(() => DateScalar, { nullable: true, description: 'Day of the prior written notice (V-042).' })
  priorWrittenNoticeOn?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'True when the student still lives in the district.',
  })
  stillResident?: boolean | null;
  @Field(() => String, { nullable: true, description: 'Code of the enrolment error that the state posted (SIRAS-61).' })
  postedError?: string | null;
  @Field(() => String, { nullable: true, description: 'Remark.' }) note?: string | null;
  @Field(() => ID, { nullable: true, description: 'The entry that this one corrects.' }) correctsId?: string | null;
  @Field(() => String, { nullable: true, description: 'What was wrong with it: needed for a correction (V-043).' })
  correctionReason?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key does not repeat the act.' })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('SetStudentStatusPayload', {
  description: 'What became of the determination: a status, or a request to the district.',
})
export class SetStudentStatusPayload extends Payload {
  @Field(() => Student, { nullable: true, description: 'The student.' }) student?: Student | null;
  @Field(() => StudentRequest, { nullable: true, description: 'The request that the district decides.' })
  request?: StudentRequest | null;
}
