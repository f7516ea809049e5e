import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar, DateTimeScalar } from '../../../platform/graphql/scalars';
import { ExitReason, NonParticipationReason } from './exit-reasons';
import { StudentStatus } from './student-status';

/** Append-only: the database refuses to change or remove a row (SIRAS-62). */
@RequiresScopes('student:read')
@ObjectType('StudentStatusEntry', {
  description: 'One determination of the special-education status. Entries are appended, never changed.',
})
@Entity('student_status_entry')
@Index('student_status_entry_by_student', ['studentId', 'recordedAt'])
export class StudentStatusEntry {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @RefColumn() studentId: string;
  @Field(() => StudentStatus, { description: 'The status.' }) @StringColumn(30) status: StudentStatus;
  @Field(() => DateScalar, { description: 'The day from which it holds.' }) @DayColumn() effectiveOn: string;
  /** The day that dates the entry for its readers: see `scopeDateOf`. */
  @DayColumn({ nullable: true }) scopeDate: string | null;
  /** What caused it: a `StatusTrigger`, CORRECTION or SEED. */
  @StringColumn(20) source: string;
  @Field(() => ExitReason, { nullable: true, description: 'Why the student left.' })
  @StringColumn(40, { nullable: true })
  exitReason: ExitReason | null;
  @Field(() => NonParticipationReason, { nullable: true, description: 'Why the student does not participate.' })
  @StringColumn(40, { nullable: true })
  nonParticipationReason: NonParticipationReason | null;
  @Field(() => DateScalar, { nullable: true, description: 'Day of the prior written notice.' })
  @DayColumn({ nullable: true })
  priorWrittenNoticeOn: string | null;
  @RequiresScopes('student.sensitive:read')
  @Field(() => String, { nullable: true, description: 'Remark; for a correction, what was wrong.' })
  @StringColumn(500, { nullable: true })
  note: string | null;
  @Field(() => ID, { nullable: true, description: 'The entry that this one corrects.' })
  @RefColumn({ nullable: true })
  correctsId: string | null;
  @Field(() => DateTimeScalar, { description: 'When it was recorded.' }) @InstantColumn() recordedAt: Date;
  @StringColumn(64) recordedBy: string;
}

@RequiresScopes('student:read')
@ObjectType('SpedActivity', {
  description: 'A period in special education: from the initial IEP to the exit (SER-113).',
})
@Entity('sped_activity')
@Index('sped_activity_one_open', ['openOf'], { unique: true })
@Index('sped_activity_by_student', ['studentId', 'entryOn'])
export class SpedActivity {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @RefColumn() studentId: string;
  @Field(() => DateScalar, { description: 'Day of the initial IEP, or of the first one after an exit (SER-114).' })
  @DayColumn()
  entryOn: string;
  /** The day that dates the activity for its readers: see `scopeDateOf`. */
  @DayColumn({ nullable: true }) scopeDate: string | null;
  @Field(() => DateScalar, { nullable: true, description: 'Day of the exit.' }) @DayColumn({ nullable: true }) exitOn:
    string | null;
  @Field(() => ExitReason, { nullable: true, description: 'Why it ended.' })
  @StringColumn(40, { nullable: true })
  exitReason: ExitReason | null;
  @RefColumn({ nullable: true }) iepId: string | null;
  /** The student's id while it is open: unique, so that one is open at most. */
  @RefColumn({ nullable: true }) openOf: string | null;
}
