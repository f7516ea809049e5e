import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  DayColumn,
  IdColumn,
  InstantColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar, DateTimeScalar } from '../../../platform/graphql/scalars';
import { IepFormKind } from '../form/form-codes';
import { NarrativeField } from '../form/narrative-field';
import { AccountRef } from '../references/student-ref';

export const REASON_LENGTH = 500;

/** Who changed state-reported fields inside a red window all the same, and why (V-015). Written once: the database refuses changes. */
@RequiresScopes('iep:read')
@ObjectType('RedWindowOverride', {
  description:
    'A change of state-reported fields in the weeks before a report date, made by a district administrator (V-015).',
})
@Entity('red_window_override')
@Index('red_window_override_by_iep', ['iepId'])
@Index('red_window_override_by_student', ['studentId'])
export class RedWindowOverride {
  @Field(() => ID, { description: 'Id.' }) @IdColumn() id: string;
  @RefColumn() iepId: string;
  @RefColumn() studentId: string;
  /** The day of the act where the student is. It dates the record by itself, not by its IEP: what is written once can't follow. */
  @DayColumn() overriddenOn: string;
  @Field(() => IepFormKind, { description: 'The form.' }) @StringColumn(24) form: IepFormKind;
  @Field(() => [String], { description: 'The fields that changed.' }) @JsonColumn() fields: string[];
  @NarrativeField('Why they had to change now.') @StringColumn(REASON_LENGTH) reason: string;
  @Field({ description: 'Code of the reporting period, such as CA-FALL1.' }) @StringColumn(20) periodCode: string;
  @Field(() => DateScalar, { description: 'The report date that the change came before.' })
  @DayColumn()
  reportDate: string;
  @RefColumn() overriddenById: string;
  @Field(() => DateTimeScalar, { description: 'When.' }) @InstantColumn() overriddenAt: Date;

  @Field(() => AccountRef, { nullable: true, description: 'Who.' })
  get overriddenBy(): AccountRef {
    return { id: this.overriddenById };
  }
}
