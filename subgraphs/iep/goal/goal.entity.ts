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
  LongTextColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { DateScalar } from '../../../platform/graphql/scalars';
import { NarrativeField } from '../form/narrative-field';
import { GoalArea, ProgressRating } from './goal-codes';

@RequiresScopes('iep:read')
@ObjectType('Objective', { description: 'A short-term objective or benchmark of a goal.' })
export class Objective {
  @NarrativeField('What the student will do.') statement: string | null;
  @Field(() => DateScalar, { nullable: true, description: 'By when.' }) targetDate: string | null;
}

@Key('id')
@RequiresScopes('iep:read')
@ObjectType('Goal', { implements: Node, description: 'A measurable annual goal of an IEP.' })
@Entity('iep_goal')
@Index('iep_goal_by_iep', ['iepId', 'position'])
@Index('iep_goal_by_student', ['studentId'])
export class Goal {
  @Field(() => ID, { description: 'Id.' }) @IdColumn() id: string;
  @RefColumn() iepId: string;
  @RefColumn() studentId: string;
  /** As of its IEP. */
  @DayColumn() scopeDate: string;
  @Field(() => Int, { description: 'Its place on the goal page, from 1.' }) @IntColumn() position: number;
  @Field(() => GoalArea, { nullable: true, description: 'What the goal is about.' }) @StringColumn(24) area: GoalArea;
  @NarrativeField('Where the student stands.') @LongTextColumn({ nullable: true }) baseline: string | null;
  @NarrativeField('What the student will reach within a year, measurably.')
  @LongTextColumn({ nullable: true })
  statement: string | null;
  @Field(() => [Objective], { nullable: true, description: 'Short-term objectives.' })
  @JsonColumn()
  objectives: Objective[];
  @Field(() => String, { nullable: true, description: 'Who is responsible, by role.' })
  @StringColumn(200, { nullable: true })
  responsible: string | null;
  @Field({ description: 'Whether the team has discussed this goal (SEIS-67).' }) @BoolColumn() discussed: boolean;
  @Field(() => Int, { description: 'Counts the edits. Send it back with a change.' })
  @EditVersionColumn()
  version: number;
}

/** Progress on a goal. Not part of the affirmed content: it goes on while the IEP is current. */
@RequiresScopes('iep:read')
@ObjectType('GoalProgress', { description: 'An entry of progress on a goal.' })
@Entity('goal_progress')
@Index('goal_progress_by_goal', ['goalId', 'reportedOn'])
@Index('goal_progress_by_student', ['studentId'])
export class GoalProgress {
  @Field(() => ID, { description: 'Id.' }) @IdColumn() id: string;
  @RefColumn() goalId: string;
  @RefColumn() iepId: string;
  @RefColumn() studentId: string;
  @Field(() => DateScalar, { description: 'The day that the entry is about.' }) @DayColumn() reportedOn: string;
  /** The day that dates the entry for its readers: see `scopeDateOf`. */
  @DayColumn({ nullable: true }) scopeDate: string | null;
  @Field(() => ProgressRating, { description: 'How far the goal has come.' }) @StringColumn(16) rating: ProgressRating;
  @NarrativeField('What was observed.') @LongTextColumn({ nullable: true }) comment: string | null;
  @RefColumn() recordedById: string;
  @InstantColumn() recordedAt: Date;
}
