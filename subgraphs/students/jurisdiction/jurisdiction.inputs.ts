import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Authenticated, Reads, RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { Student } from '../student/student.entity';
import { Jurisdiction } from './jurisdiction.entity';

/**
 * Days around today in which a claim may begin without the agreement of the owner (domain C.3: "not in the future beyond a
 * setting"; a back-dated claim is a correction). Both figures are [design]: the time in which an enrolment is usually reported.
 */
export const CLAIM_WINDOW = { daysAhead: 30, daysBack: 30 };

@InputType({ description: 'Takes a student over into your LEA (SER-24).' })
export class ClaimJurisdictionInput {
  @Reads('Student.stateId') @Field({ description: 'Unique id of the student.' }) stateId: string;
  @Field(() => ID, { description: 'School of your LEA.' }) schoolId: string;
  @Field(() => DateScalar, { description: 'First day in your LEA. The former one ends the day before.' })
  beginDate: string;
  @Field(() => ID, { nullable: true, description: "Leave it out: the LEA is your own and can't be changed (SER-30)." })
  leaId?: string | null;
  @Field(() => String, { nullable: true, description: 'Id in your LEA, not a Social Security number.' }) localId?:
    string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key does not repeat the act.' })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Moves a student to another school of the same LEA (SER-31).' })
export class TransferSchoolInput {
  @Field(() => ID, { description: 'The student.' }) studentId: string;
  @Field(() => ID, { description: 'Another school of the LEA.' }) schoolId: string;
  @Field(() => DateScalar, { description: 'First day at the new school: not in the future.' }) beginDate: string;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key does not repeat the act.' })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Ends the jurisdiction of your LEA without a successor.' })
export class CloseJurisdictionInput {
  @Field(() => ID, { description: 'The student.' }) studentId: string;
  @Field(() => DateScalar, { description: 'Last day: not in the future.' }) endDate: string;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key does not repeat the act.' })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Withdraws a claim whose first day has not come.' })
export class WithdrawClaimInput {
  @Field(() => ID, { description: 'The claim: its id is in the receipt, and in every message about it.' })
  claimId: string;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key does not repeat the act.' })
  idempotencyKey?: string | null;
}

/** What a claimant holds in hand before the student is shown to it. */
@RequiresScopes('jurisdiction:write')
@ObjectType('ClaimReceipt', { description: 'That a claim was made.' })
export class ClaimReceipt {
  @Field(() => ID, { description: 'Id of the claim, and of the jurisdiction that it becomes.' }) id: string;
  @Field(() => DateScalar, { description: 'First day of the jurisdiction.' }) beginDate: string;
  @Field({ description: 'True when the claim was withdrawn before that day.' }) withdrawn: boolean;
}

@Authenticated()
@ObjectType('ClaimJurisdictionPayload', { description: 'What a claim did.' })
export class ClaimJurisdictionPayload extends Payload {
  @Field(() => Student, {
    nullable: true,
    description: 'The student. Null before the begin date: a warning then says that the claim stands.',
  })
  student?: Student | null;
  @Field(() => Jurisdiction, { nullable: true, description: 'The new jurisdiction; from the begin date on.' })
  jurisdiction?: Jurisdiction | null;
  @Field(() => ClaimReceipt, {
    nullable: true,
    description: 'The claim: this one, or the one for a coming day that your LEA has made already.',
  })
  claim?: ClaimReceipt | null;
}

@Authenticated()
@ObjectType('WithdrawClaimPayload', { description: 'What the withdrawal did.' })
export class WithdrawClaimPayload extends Payload {
  @Field(() => ClaimReceipt, { nullable: true, description: 'The withdrawn claim.' }) claim?: ClaimReceipt | null;
}

@Authenticated()
@ObjectType('TransferSchoolPayload', { description: 'What a transfer did.' })
export class TransferSchoolPayload extends Payload {
  @Field(() => Student, { nullable: true, description: 'The student.' }) student?: Student | null;
  @Field(() => Jurisdiction, { nullable: true, description: 'The jurisdiction with its new school.' })
  jurisdiction?: Jurisdiction | null;
}

@Authenticated()
@ObjectType('CloseJurisdictionPayload', { description: 'What the closing did.' })
export class CloseJurisdictionPayload extends Payload {
  @Field(() => Student, { nullable: true, description: 'The student: of your own period, once it is over.' })
  student?: Student | null;
  @Field(() => Jurisdiction, { nullable: true, description: 'The closed jurisdiction.' })
  jurisdiction?: Jurisdiction | null;
}
