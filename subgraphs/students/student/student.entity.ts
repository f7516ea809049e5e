import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { BoolColumn, DayColumn, EditVersionColumn, IdColumn, StringColumn } from '../../../platform/database/columns';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { DateScalar } from '../../../platform/graphql/scalars';
import { StudentStatus } from '../status/student-status';

/** Names, birth date and gender come from the identity authority and are read-only here (SER-42, V-051). */
const Demographics = () => RequiresScopes('student.demographics:read');

@Key('id')
@Key('stateId')
@RequiresScopes('student:read')
@ObjectType('Student', {
  implements: Node,
  description:
    'A student with a special-education record. Of a student who has left for another district, the former one sees id and state id.',
})
@Entity('student')
@Index('student_by_state_id', ['stateId'], { unique: true })
@Index('student_by_name', ['searchKey', 'id'])
@Index('student_by_grade', ['gradeLevel', 'searchKey', 'id'])
@Index('student_by_birth', ['dateOfBirth', 'searchKey', 'id'])
export class Student {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @Field({ description: 'Unique id that the state gave (SSID, LASID, OSIS …).' }) @StringColumn(20) stateId: string;
  @Demographics()
  @Field(() => String, { nullable: true, description: 'First name.' })
  @StringColumn(60)
  firstName: string;
  @Demographics()
  @Field(() => String, { nullable: true, description: 'Middle name.' })
  @StringColumn(60, { nullable: true })
  middleName: string | null;
  @Demographics()
  @Field(() => String, { nullable: true, description: 'Last name.' })
  @StringColumn(60)
  lastName: string;
  @Demographics()
  @Field(() => DateScalar, { nullable: true, description: 'Date of birth.' })
  @DayColumn()
  dateOfBirth: string;
  @Demographics()
  @Field(() => String, { nullable: true, description: 'Gender: F, M or X.' })
  @StringColumn(10)
  gender: string;
  @Demographics()
  @Field(() => String, { nullable: true, description: 'Grade: IN, TD, PS, PK, TK, KN, 01 to 12, UG.' })
  @StringColumn(10)
  gradeLevel: string;
  @Demographics()
  @Field(() => String, { nullable: true, description: 'Language spoken at home.' })
  @StringColumn(40, { nullable: true })
  language: string | null;
  @Field(() => StudentStatus, {
    nullable: true,
    description: 'Special-education status today: the last entry of the history.',
  })
  @StringColumn(30)
  status: StudentStatus;
  /** Duplicates and records that are not reported: hidden from searches (SER-18). */
  @BoolColumn() hidden: boolean;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'Last day on which something happened to the record; after five years it counts as inactive.',
  })
  @DayColumn()
  lastActivityOn: string;
  /** `last, first`, see `searchKey()`. */
  @StringColumn(160) searchKey: string;
  @Field(() => Int, {
    nullable: true,
    description: 'Counts the edits: send it back when you edit, so that nothing is lost.',
  })
  @EditVersionColumn()
  version: number;
}

/** The minimal card that is left to a former district: the two ids, nothing else (architecture, section 4). */
export function masked({ id, stateId }: Student): Student {
  return Object.assign(new Student(), { id, stateId });
}
