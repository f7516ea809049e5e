import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { Iep } from '../document/iep.entity';
import { Goal, GoalProgress } from './goal.entity';
import { GoalArea, ProgressRating } from './goal-codes';

@InputType('ObjectiveInput', { description: 'A short-term objective.' })
export class ObjectiveInput {
  @Field({ description: 'What the student will do.' }) statement: string;
  @Field(() => DateScalar, { nullable: true, description: 'By when.' }) targetDate?: string | null;
}

@InputType('AddGoalInput', {
  description: 'A goal of a draft: a new one, or with `goalId` and `version` the new text of one.',
})
export class AddGoalInput {
  @Field(() => ID, { description: 'The IEP.' }) iepId: string;
  @Field(() => ID, { nullable: true, description: 'The goal to change; left out, a goal is added.' }) goalId?:
    string | null;
  @Field(() => Int, { nullable: true, description: 'The goal’s version as you read it; with `goalId`.' }) version?:
    number | null;
  @Field(() => GoalArea, { description: 'What the goal is about.' }) area: GoalArea;
  @Field(() => String, { nullable: true, description: 'Where the student stands.' }) baseline?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'What the student will reach within a year, measurably; required (V-009).',
  })
  statement?: string | null;
  @Field(() => [ObjectiveInput], { nullable: true, description: 'Short-term objectives, at most 20.' }) objectives?:
    ObjectiveInput[] | null;
  @Field(() => String, { nullable: true, description: 'Who is responsible, by role.' }) responsible?: string | null;
  @Field({ nullable: true, description: 'Whether the team has discussed it (SEIS-67).' }) discussed?: boolean;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key adds once.' }) idempotencyKey?:
    string | null;
}

@InputType('RemoveGoalInput', { description: 'A goal to take off a draft.' })
export class RemoveGoalInput {
  @Field(() => ID, { description: 'The goal.' }) goalId: string;
  @Field(() => Int, { description: 'The goal’s version as you read it.' }) version: number;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key removes once.' }) idempotencyKey?:
    string | null;
}

@InputType('RecordGoalProgressInput', { description: 'An entry of progress on a goal.' })
export class RecordGoalProgressInput {
  @Field(() => ID, { description: 'The goal.' }) goalId: string;
  @Field(() => DateScalar, { description: 'The day that the entry is about, today or before.' }) reportedOn: string;
  @Field(() => ProgressRating, { description: 'How far the goal has come.' }) rating: ProgressRating;
  @Field(() => String, { nullable: true, description: 'What was observed.' }) comment?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key records once.' }) idempotencyKey?:
    string | null;
}

@Authenticated()
@ObjectType('AddGoalPayload', { description: 'The goal that was added or changed.' })
export class AddGoalPayload extends Payload {
  @Field(() => Goal, { nullable: true, description: 'The goal.' }) goal?: Goal | null;
  @Field(() => Iep, { nullable: true, description: 'Its IEP.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('RemoveGoalPayload', { description: 'The IEP without the goal, or why the goal stays.' })
export class RemoveGoalPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP.' }) iep?: Iep | null;
}
@Authenticated()
@ObjectType('RecordGoalProgressPayload', { description: 'The entry that was recorded.' })
export class RecordGoalProgressPayload extends Payload {
  @Field(() => GoalProgress, { nullable: true, description: 'The entry.' }) progress?: GoalProgress | null;
  @Field(() => Goal, { nullable: true, description: 'Its goal.' }) goal?: Goal | null;
}
