import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BoolColumn,
  DayColumn,
  EditVersionColumn,
  IdColumn,
  InstantColumn,
  IntColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { DateScalar, DateTimeScalar } from '../../../platform/graphql/scalars';
import { IepState, MeetingKind, MeetingPurpose, SignatureOutcome } from './iep-codes';

/**
 * One IEP document: a draft, the current one, or history. A student has at most one current and one open IEP; the unique
 * columns `currentOf` and `futureOf` hold that in the database (SEIS-43, SEIS-50).
 */
@Key('id')
@RequiresScopes('iep:read')
@ObjectType('Iep', {
  implements: Node,
  description: 'An individualized education program: one meeting and its document.',
})
@Entity('iep')
@Index('iep_by_student', ['studentId', 'scopeDate'])
@Index('iep_by_date', ['scopeDate', 'id'])
@Index('iep_by_state', ['state', 'openedOn'])
@Index('iep_one_current', ['currentOf'], { unique: true })
@Index('iep_one_future', ['futureOf'], { unique: true })
export class Iep {
  @Field(() => ID, { description: 'Id.' }) @IdColumn() id: string;
  @RefColumn() studentId: string;
  /** The day that row scope dates this record by: the meeting's, before it the opening's. */
  @DayColumn() scopeDate: string;
  /** The student, while this is the current IEP. */
  @RefColumn({ nullable: true }) currentOf: string | null;
  /** The student, while this is the open ("Future") IEP. */
  @RefColumn({ nullable: true }) futureOf: string | null;

  @Field(() => IepState, { description: 'Where the document stands.' }) @StringColumn(24) state: IepState;
  @Field(() => MeetingKind, { description: 'Why the team meets.' }) @StringColumn(24) kind: MeetingKind;
  @Field(() => [MeetingPurpose], { description: 'Purposes of the meeting, chosen at affirmation.' })
  @JsonColumn()
  purposes: MeetingPurpose[];
  @RequiresScopes('iep.narrative:read')
  @Field(() => String, { nullable: true, description: 'Words for the purposes OTHER and DISTRICT_OFFER_NO_SIGNATURE.' })
  @StringColumn(500, { nullable: true })
  purposeText: string | null;
  /** The IEP that this one amends or continues. */
  @RefColumn({ nullable: true }) parentIepId: string | null;
  /** The affirmed document that this one was opened from, with its content, to be corrected and affirmed again (C.2). */
  @RefColumn({ nullable: true }) reactivatesIepId: string | null;
  @InstantColumn({ nullable: true }) reactivatedAt: Date | null;
  @RefColumn({ nullable: true }) reactivatedById: string | null;
  @StringColumn(500, { nullable: true }) reactivationReason: string | null;
  @InstantColumn({ nullable: true }) discardedAt: Date | null;
  @RefColumn({ nullable: true }) discardedById: string | null;
  @StringColumn(500, { nullable: true }) discardReason: string | null;
  @Field({ description: 'True when this document carries on an affirmed meeting (SEIS-77).' })
  @BoolColumn()
  continuation: boolean;
  @Field({ description: 'True when the affirmed meeting is going to be continued (SEIS-76).' })
  @BoolColumn()
  toBeContinued: boolean;
  @Field(() => Int, { description: '0 for the plan itself; amendments count up without limit (SER-94).' })
  @IntColumn()
  amendmentNumber: number;

  @Field(() => DateScalar, { description: 'The day on which the document was opened.' }) @DayColumn() openedOn: string;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The day of the team meeting. Continuations and amendments keep it (SEIS-78, SER-95).',
  })
  @DayColumn({ nullable: true })
  meetingDate: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The day for which this document’s own session was planned; see planMeeting.',
  })
  @DayColumn({ nullable: true })
  plannedMeetingDate: string | null;
  @Field(() => DateScalar, { nullable: true, description: 'The day on which this document’s own session was held.' })
  @DayColumn({ nullable: true })
  heldOn: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The day of the reconvened session of a tabled meeting (SEIS-91).',
  })
  @DayColumn({ nullable: true })
  reconvenedOn: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was affirmed (SER: made official).' })
  @InstantColumn({ nullable: true })
  affirmedAt: Date | null;
  /** The calendar day of `affirmedAt` where the student is. */
  @DayColumn({ nullable: true }) affirmedOn: string | null;
  @RefColumn({ nullable: true }) affirmedById: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 over all affirmed content; null before affirmation.' })
  @StringColumn(64, { nullable: true })
  contentHash: string | null;

  @Field(() => SignatureOutcome, {
    nullable: true,
    description: 'The parent’s answer. Separate from affirmation (SEIS-79).',
  })
  @StringColumn(24, { nullable: true })
  signature: SignatureOutcome | null;
  @Field({
    description: 'True when the affirmed plan was agreed to and took effect; otherwise the prior plan stays put.',
  })
  @BoolColumn()
  agreed: boolean;
  /** The day from which the next annual is counted (T-07): set at affirmation. */
  @DayColumn({ nullable: true }) planReviewDate: string | null;
  @StringColumn(8, { nullable: true }) primaryDisability: string | null;
  @StringColumn(16, { nullable: true }) federalEnvironment: string | null;

  @Field({ description: 'SER: submitted to the state (Submitted Y).' }) @BoolColumn() submittedToState: boolean;
  @InstantColumn({ nullable: true }) submittedAt: Date | null;
  /** Blocking findings of the last check. */
  @IntColumn() openFindings: number;
  @Field(() => Int, {
    description: 'Counts the edits. Send it back with a change; another edit in between is a CONFLICT.',
  })
  @EditVersionColumn()
  version: number;
}
