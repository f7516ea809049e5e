import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import type { CalendarDay } from '../../../platform/dates';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';

/**
 * One student opened to one monitor of the state agency, why and until when (SIRAS-25, SIRAS-56). The right itself is the
 * row of `student_access` (relation GRANT, grantee `STAFF:<account>`) under the same id: that alone says whether the grant
 * has ended, because the student's leaving the LEA ends it too.
 */
@RequiresScopes('partner:manage')
@ObjectType('StudentAccessGrant', {
  description: 'One student opened to one monitor of the state agency, why and until when (SIRAS-25).',
})
@Entity('student_access_grant')
@Index('student_access_grant_by_student', ['studentId', 'expiresOn'])
@Index('student_access_grant_by_account', ['accountId', 'expiresOn'])
export class StudentAccessGrant {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @RefColumn() studentId: string;
  @RefColumn() accountId: string;
  /** The organization of the perspective that granted. */
  @RefColumn() grantorOrganizationId: string;
  @Field({ description: 'What the record is looked at for.' }) @StringColumn(500) purpose: string;
  @Field(() => DateScalar, { description: 'First day.' }) @DayColumn() startsOn: CalendarDay;
  @Field(() => DateScalar, { description: 'Last day, inclusive.' }) @DayColumn() expiresOn: CalendarDay;
  @RefColumn() createdBy: string;
  @Field(() => Date, { description: 'When it was granted.' }) @InstantColumn() createdAt: Date;
}
