import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  DayColumn,
  EditVersionColumn,
  IdColumn,
  JsonColumn,
  LongTextColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { DateScalar } from '../../../platform/graphql/scalars';
import { DisabilityCategory } from '../form/form-codes';
import { NarrativeField } from '../form/narrative-field';
import { EvaluationKind, EvaluationState, ParentDecision } from './evaluation-codes';

@Key('id')
@RequiresScopes('evaluation:read')
@ObjectType('Evaluation', { implements: Node, description: 'An evaluation of a student for special education.' })
@Entity('evaluation')
@Index('evaluation_by_student', ['studentId', 'scopeDate'])
export class Evaluation {
  @Field(() => ID, { description: 'Id.' }) @IdColumn() id: string;
  @RefColumn() studentId: string;
  /** The day that row scope dates this record by: the decision's, before it the request's. */
  @DayColumn() scopeDate: string;
  @Field(() => EvaluationKind, { description: 'Which evaluation.' }) @StringColumn(24) kind: EvaluationKind;
  @Field(() => EvaluationState, { description: 'Where it stands.' }) @StringColumn(24) state: EvaluationState;
  @Field(() => DateScalar, { nullable: true, description: 'The day on which permission was requested.' })
  @DayColumn({ nullable: true })
  requestedOn: string | null;
  @Field(() => ParentDecision, { nullable: true, description: 'The parent’s decision.' })
  @StringColumn(8, { nullable: true })
  parentDecision: ParentDecision | null;
  @Field(() => DateScalar, { nullable: true, description: 'The day of the parent’s decision: the clock starts.' })
  @DayColumn({ nullable: true })
  decidedOn: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The evaluation date. The next one is due three years later (T-08).',
  })
  @DayColumn({ nullable: true })
  completedOn: string | null;
  @NarrativeField('Why the student is evaluated again.') @LongTextColumn({ nullable: true }) reason: string | null;
  @Field(() => DisabilityCategory, { nullable: true, description: 'Primary exceptionality.' })
  @StringColumn(8, { nullable: true })
  primaryDisability: DisabilityCategory | null;
  @Field(() => [DisabilityCategory], { description: 'All exceptionalities found.' })
  @JsonColumn()
  disabilities: DisabilityCategory[];
  /** The evaluation whose values a waiver carries on. */
  @RefColumn({ nullable: true }) carriedFromId: string | null;
  @Field(() => Int, { description: 'Counts the edits.' }) @EditVersionColumn() version: number;
}
