import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { DateScalar } from '../../../platform/graphql/scalars';

/** One LEA owns a student at any time, without gaps (SER-21, SER-22). */
@RequiresScopes('student:read')
@ObjectType('Jurisdiction', { implements: Node, description: 'The period in which one LEA owns a student.' })
@Entity('jurisdiction')
@Index('jurisdiction_one_open', ['openOf'], { unique: true })
@Index('jurisdiction_by_student', ['studentId', 'beginDate'])
@Index('jurisdiction_by_lea', ['leaId', 'studentId'])
@Index('jurisdiction_by_school', ['schoolId', 'studentId'])
@Index('jurisdiction_by_local_id', ['localId', 'studentId'])
export class Jurisdiction {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @RefColumn() studentId: string;
  @RefColumn() leaId: string;
  /** The present school; the earlier ones of this period are `SchoolPeriod` rows. */
  @RefColumn() schoolId: string;
  @RefColumn({ nullable: true }) selpaId: string | null;
  @RefColumn() stateOrgId: string;
  @Field(() => String, { nullable: true, description: 'Id in this LEA; optional (SER-25).' })
  @StringColumn(20, { nullable: true })
  localId: string | null;
  @Field(() => DateScalar, { description: 'First day.' }) @DayColumn() beginDate: string;
  @Field(() => DateScalar, { nullable: true, description: 'Last day; computed when another LEA takes over (SER-23).' })
  @DayColumn({ nullable: true })
  endDate: string | null;
  /** The student's id while the period is open, else null: unique, so that the database itself refuses a second owner. */
  @RefColumn({ nullable: true }) openOf: string | null;
  /** The period that this claim ended; null when it followed a closed one. Withdrawn, it opens that period again. */
  @RefColumn({ nullable: true }) tookFromId: string | null;
  /** A claim that was withdrawn before its first day: kept as a trace, and never in force. */
  @InstantColumn({ nullable: true }) withdrawnAt: Date | null;
  @StringColumn(64, { nullable: true }) withdrawnBy: string | null;
}

@RequiresScopes('student:read')
@ObjectType('SchoolPeriod', { description: 'The days at one school inside a jurisdiction.' })
@Entity('school_period')
@Index('school_period_by_student', ['studentId', 'beginDate'])
@Index('school_period_by_jurisdiction', ['jurisdictionId'])
export class SchoolPeriod {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @RefColumn() studentId: string;
  @RefColumn() jurisdictionId: string;
  @RefColumn() schoolId: string;
  @Field(() => DateScalar, { description: 'First day.' }) @DayColumn() beginDate: string;
  @Field(() => DateScalar, { nullable: true, description: 'Last day.' }) @DayColumn({ nullable: true }) endDate:
    string | null;
}
