import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { Evaluation } from './evaluation.entity';
import { EvaluationKind, ParentDecision } from './evaluation-codes';

@InputType('StartEvaluationInput', { description: 'Begins an evaluation.' })
export class StartEvaluationInput {
  @Field(() => ID, { description: 'The student.' }) studentId: string;
  @Field(() => EvaluationKind, { description: 'Which evaluation. A waiver is recorded with `recordTriennialWaiver`.' })
  kind: EvaluationKind;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The day on which permission was requested; needed for initial evaluations.',
  })
  requestedOn?: string | null;
  @Field(() => ParentDecision, {
    nullable: true,
    description: 'The parent’s decision; not for re-evaluations (SER-68).',
  })
  parentDecision?: ParentDecision | null;
  @Field(() => DateScalar, { nullable: true, description: 'The day of the parent’s decision.' }) decidedOn?:
    string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Why the student is evaluated again; needed for re-evaluations (SER-67).',
  })
  reason?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key starts one.' }) idempotencyKey?:
    string | null;
}

@InputType('RecordTriennialWaiverInput', {
  description: 'Parent and district agree that no re-evaluation is needed (SER-69).',
})
export class RecordTriennialWaiverInput {
  @Field(() => ID, { description: 'The student.' }) studentId: string;
  @Field(() => DateScalar, {
    description: 'The day on which the parent signed: it becomes the evaluation date (SER-71).',
  })
  parentSignedOn: string;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key records one.' }) idempotencyKey?:
    string | null;
}

@Authenticated()
@ObjectType('StartEvaluationPayload', { description: 'The evaluation that began.' })
export class StartEvaluationPayload extends Payload {
  @Field(() => Evaluation, { nullable: true, description: 'The evaluation.' }) evaluation?: Evaluation | null;
}
@Authenticated()
@ObjectType('RecordTriennialWaiverPayload', { description: 'The waiver that was recorded.' })
export class RecordTriennialWaiverPayload extends Payload {
  @Field(() => Evaluation, { nullable: true, description: 'The waiver, carrying the last evaluation on.' })
  evaluation?: Evaluation | null;
}
