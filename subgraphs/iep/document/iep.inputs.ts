import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection';
import { Authenticated, Reads } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { ParticipantInput } from '../form/form.inputs';
import { Finding } from '../../../platform/graphql/finding';
import { Iep } from './iep.entity';
import { IepState, MeetingKind, MeetingPurpose, SignatureOutcome } from './iep-codes';

@InputType('IepFilter', { description: 'Which IEPs; all conditions hold together.' })
export class IepFilter {
  @Reads('Student.id')
  @Field(() => ID, { nullable: true, description: 'Of this student.' })
  studentId?: string | null;
  @Reads('Iep.state')
  @Field(() => [IepState], { nullable: true, description: 'In one of these states.' })
  states?: IepState[] | null;
  @Reads('Iep.kind')
  @Field(() => [MeetingKind], { nullable: true, description: 'Of one of these kinds.' })
  kinds?: MeetingKind[] | null;
  @Reads('Iep.state', 'Iep.heldOn')
  @Field({ nullable: true, description: 'Meeting held, not affirmed: the unaffirmed list (SEIS-80).' })
  unaffirmed?: boolean;
  @Reads('Iep.state', 'Iep.signature')
  @Field({ nullable: true, description: 'Affirmed, no signature on file: the unsigned list (SEIS-79).' })
  unsigned?: boolean;
  @Reads('Iep.state', 'Iep.openedOn')
  @Field({ nullable: true, description: 'Open for more than 90 days: the leftovers (T-16).' })
  leftover?: boolean;
}

@InputType('StartIepInput', { description: 'Opens the one editable ("Future") IEP of a student.' })
export class StartIepInput {
  @Field(() => ID, { description: 'The student.' }) studentId: string;
  @Field(() => MeetingKind, { description: 'Why the team meets. Amendments are opened with `amendIep`.' })
  kind: MeetingKind;
  @Field(() => DateScalar, { nullable: true, description: 'The day for which the meeting is planned, if known.' })
  plannedMeetingDate?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key opens one.' }) idempotencyKey?:
    string | null;
}

@InputType('PlanMeetingInput', { description: 'Plans the meeting of an open IEP, or this document’s own session.' })
export class PlanMeetingInput {
  @Field(() => ID, { description: 'The IEP.' }) iepId: string;
  @Field(() => Int, { description: 'The IEP’s version as you read it.' }) version: number;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The planned day, today or later; null: not known any more.',
  })
  plannedMeetingDate?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key plans once.' }) idempotencyKey?:
    string | null;
}

@InputType('HoldMeetingInput', { description: 'Records that the meeting was held, or reconvened.' })
export class HoldMeetingInput {
  @Field(() => ID, { description: 'The IEP.' }) iepId: string;
  @Field(() => Int, { description: 'The IEP’s version as you read it.' }) version: number;
  @Field(() => DateScalar, {
    description:
      'The day of the team meeting, today or before. Reconvened, continued and amended meetings keep the first one’s.',
  })
  meetingDate: string;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The day of this further session of a tabled or continued meeting (SEIS-91). The meeting date stays.',
  })
  reconvenedOn?: string | null;
  @Field(() => [ParticipantInput], {
    nullable: true,
    description: 'Who took part; replaces the list on the participants form.',
  })
  participants?: ParticipantInput[] | null;
  @Field(() => String, {
    nullable: true,
    description: 'Why the parent was absent; needed when no parent attended (V-021).',
  })
  parentAbsence?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key records once.' }) idempotencyKey?:
    string | null;
}

@InputType('ValidateIepInput', { description: 'Runs the error check of an IEP.' })
export class ValidateIepInput {
  @Field(() => ID, { description: 'The IEP.' }) iepId: string;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key checks once.' }) idempotencyKey?:
    string | null;
}

@InputType('AttestationInput', { description: 'The checklist of the affirm screen (V-005).' })
export class AttestationInput {
  @Field({ description: 'Handwritten changes are typed in (SEIS-83).' }) handwrittenChangesTyped: boolean;
  @Field({ description: 'Document and state data match the signed copy (SEIS-52). Not asked for an unsigned offer.' })
  matchesSignedCopy: boolean;
  @Field({ description: 'The parent has the final document (SEIS-82).' }) copyGivenToParent: boolean;
  @Field(() => DateScalar, { nullable: true, description: 'The day on which the parent got it.' }) copyGivenOn?:
    string | null;
}

@InputType('AffirmIepInput', { description: 'Affirms and attests an IEP (Louisiana: makes it official).' })
export class AffirmIepInput {
  @Field(() => ID, { description: 'The IEP.' }) iepId: string;
  @Field(() => Int, { description: 'The IEP’s version as you read it: you attest what you saw.' }) version: number;
  @Field(() => [MeetingPurpose], { description: 'Every fitting purpose of the meeting (V-003).' })
  purposes: MeetingPurpose[];
  @Field(() => String, {
    nullable: true,
    description: 'Text for OTHER and DISTRICT_OFFER_NO_SIGNATURE, at most 500 characters (V-004).',
  })
  purposeText?: string | null;
  @Field({ nullable: true, description: 'The meeting will be continued: the offer need not be there yet (SEIS-76).' })
  toBeContinued?: boolean;
  @Field(() => AttestationInput, {
    nullable: true,
    description: 'The checklist; without it nothing is affirmed (V-005).',
  })
  attestation?: AttestationInput | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key affirms once.' }) idempotencyKey?:
    string | null;
}

@InputType('AmendIepInput', { description: 'Opens an amendment of the current IEP.' })
export class AmendIepInput {
  @Field(() => ID, { description: 'The current IEP.' }) iepId: string;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'If given, must be the team meeting date of the IEP (V-061).',
  })
  meetingDate?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key opens one.' }) idempotencyKey?:
    string | null;
}

@InputType('ContinueIepInput', {
  description: 'Moves the forms of the current IEP back into the editable one, to go on with its meeting.',
})
export class ContinueIepInput {
  @Field(() => ID, { description: 'The current IEP.' }) iepId: string;
  @Field(() => DateScalar, { nullable: true, description: 'If given, must be the meeting date of the IEP (V-023).' })
  meetingDate?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key opens one.' }) idempotencyKey?:
    string | null;
}

@InputType('RecordLateAgreementInput', {
  description: 'The parents agree to an amendment that was closed without agreement.',
})
export class RecordLateAgreementInput {
  @Field(() => ID, { description: 'The amendment.' }) iepId: string;
  @Field(() => Int, { description: 'The amendment’s version as you read it: you attest what you saw.' })
  version: number;
  @Field(() => DateScalar, {
    description: 'The day of the agreement: today or before, and not before the amendment was held.',
  })
  agreedOn: string;
  @Field(() => SignatureOutcome, { description: 'The answer: AGREE_ALL or AGREE_EXCEPT.' }) signature: SignatureOutcome;
  @Field(() => String, { nullable: true, description: 'The parts that are not agreed to; needed with AGREE_EXCEPT.' })
  exceptions?: string | null;
  @Field(() => AttestationInput, {
    nullable: true,
    description: 'The checklist; without it nothing is recorded (V-005).',
  })
  attestation?: AttestationInput | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key records once.' }) idempotencyKey?:
    string | null;
}

@InputType('ReactivateIepInput', { description: 'Opens the current IEP again, to be corrected and affirmed anew.' })
export class ReactivateIepInput {
  @Field(() => ID, { description: 'The current IEP.' }) iepId: string;
  @Field(() => Int, { description: 'The IEP’s version as you read it.' }) version: number;
  @Field({ description: 'Why, in at most 500 characters.' }) reason: string;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key opens one.' }) idempotencyKey?:
    string | null;
}

@InputType('DiscardIepInput', { description: 'Discards a draft that was started by mistake.' })
export class DiscardIepInput {
  @Field(() => ID, { description: 'The draft.' }) iepId: string;
  @Field(() => Int, { description: 'The IEP’s version as you read it.' }) version: number;
  @Field({ description: 'Why, in at most 500 characters.' }) reason: string;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key discards once.' }) idempotencyKey?:
    string | null;
}

@InputType('SubmitIepInput', { description: 'Submits an official IEP to the state (Louisiana).' })
export class SubmitIepInput {
  @Field(() => ID, { description: 'The official IEP.' }) iepId: string;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key submits once.' }) idempotencyKey?:
    string | null;
}

@Authenticated()
@ObjectType('StartIepPayload', { description: 'The IEP that was opened.' })
export class StartIepPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The draft.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('PlanMeetingPayload', { description: 'The IEP with its planned meeting.' })
export class PlanMeetingPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('HoldMeetingPayload', { description: 'The IEP whose meeting was held.' })
export class HoldMeetingPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('ValidateIepPayload', { description: 'What the check found.' })
export class ValidateIepPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP, with the marks of its forms.' }) iep?: Iep | null;
  @Field(() => [Finding], { nullable: true, description: 'What the check found, in the catalogue’s order.' })
  findings?: Finding[] | null;
}
@Authenticated()
@ObjectType('AffirmIepPayload', { description: 'The affirmed IEP, or why it was not affirmed.' })
export class AffirmIepPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP, now current.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('AmendIepPayload', { description: 'The amendment that was opened.' })
export class AmendIepPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The amended draft.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('ContinueIepPayload', { description: 'The continuation that was opened.' })
export class ContinueIepPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The draft that continues the meeting.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('RecordLateAgreementPayload', { description: 'The amendment, or why the agreement was not recorded.' })
export class RecordLateAgreementPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The amendment, now current.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('ReactivateIepPayload', { description: 'The document that was opened, or why not.' })
export class ReactivateIepPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The new document, in review.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('DiscardIepPayload', { description: 'The discarded draft, or why it stays.' })
export class DiscardIepPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP, now DISCARDED.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('SubmitIepPayload', { description: 'The submitted IEP.' })
export class SubmitIepPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP.' }) iep?: Iep | null;
}

export const IepConnection = connectionOf(() => Iep, 'Iep');
