import { Field, Int, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { type DueOn } from './due-dates';

export enum DueDateKind {
  ANNUAL_REVIEW = 'ANNUAL_REVIEW',
  TRIENNIAL_REVIEW = 'TRIENNIAL_REVIEW',
  AFFIRMATION = 'AFFIRMATION',
  OPEN_MEETING = 'OPEN_MEETING',
}
graphqlEnum(DueDateKind, 'DueDateKind', 'What is due.', {
  ANNUAL_REVIEW: 'The annual plan review, a year after the last one (T-07).',
  TRIENNIAL_REVIEW: 'The triennial evaluation, three years after the last one or its waiver (T-08).',
  AFFIRMATION: 'Affirming the IEP of a meeting that was held, within seven days of its first session (T-14).',
  OPEN_MEETING:
    'Closing a meeting event, within 90 days of opening it; past that it is a liability of the district (T-16).',
});

/** Due dates follow from IEP dates: readable with either the IEP or the compliance reports. */
@RequiresScopes('iep:read', 'report:read')
@ObjectType('DueDate', { description: 'A day by which something must have happened for a student.' })
export class DueDate implements DueOn {
  @Field(() => DueDateKind, { description: 'What is due.' }) kind: DueDateKind;
  @Field(() => DateScalar, { description: 'The last day on which it is in time.' }) dueOn: string;
  @Field({ description: 'True from the day after `dueOn`, in the time zone of your jurisdiction.' }) overdue: boolean;
  @Field(() => Int, { description: 'Days from today to `dueOn`; negative when overdue.' }) daysLeft: number;
  @Field({ description: 'Id of the rule that it follows, such as T-07.' }) rule: string;
}
