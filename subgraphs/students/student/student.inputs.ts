import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Authenticated, Reads, RequiresScopes } from '../../../platform/graphql/directives';
import { connectionOf } from '../../../platform/graphql/connection';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { Organization } from '../organization/organization.entity';
import { StudentRequest } from '../request/request.entity';
import { StudentStatus } from '../status/student-status';
import { Student } from './student.entity';

const KEY = 'Repeating with the same key does not repeat the act.';

export const StudentConnection = connectionOf(() => Student, 'Student');

export enum StudentOrder {
  NAME = 'NAME',
  STATE_ID = 'STATE_ID',
  DATE_OF_BIRTH = 'DATE_OF_BIRTH',
  GRADE_LEVEL = 'GRADE_LEVEL',
}
graphqlEnum(
  StudentOrder,
  'StudentOrder',
  'In which order students come.',
  {
    NAME: 'By last name, then first name.',
    STATE_ID: 'By unique id.',
    DATE_OF_BIRTH: 'The oldest first.',
    GRADE_LEVEL: 'By grade, then name.',
  },
  {
    NAME: ['Student.lastName', 'Student.firstName'],
    STATE_ID: ['Student.stateId'],
    DATE_OF_BIRTH: ['Student.dateOfBirth', 'Student.lastName', 'Student.firstName'],
    GRADE_LEVEL: ['Student.gradeLevel', 'Student.lastName', 'Student.firstName'],
  },
);

@InputType({ description: 'Narrows a list of students; what is given must all hold (SER-16, SER-17, SER-19).' })
export class StudentFilter {
  @Reads('Student.stateId') @Field(() => String, { nullable: true, description: 'This unique id.' }) stateId?:
    string | null;
  @Reads('Student.localId') @Field(() => String, { nullable: true, description: 'This local id today.' }) localId?:
    string | null;
  @Reads('Student.firstName')
  @Field(() => String, { nullable: true, description: 'First name begins so.' })
  firstName?: string | null;
  @Reads('Student.lastName') @Field(() => String, { nullable: true, description: 'Last name begins so.' }) lastName?:
    string | null;
  @Reads('Student.dateOfBirth')
  @Field(() => DateScalar, { nullable: true, description: 'Born on this day.' })
  dateOfBirth?: string | null;
  @Reads('Student.gender') @Field(() => String, { nullable: true, description: 'Of this gender.' }) gender?:
    string | null;
  @Reads('Student.gradeLevel')
  @Field(() => [String], { nullable: true, description: 'In one of these grades.' })
  gradeLevel?: string[] | null;
  @Reads('Student.status')
  @Field(() => [StudentStatus], { nullable: true, description: 'In one of these statuses.' })
  status?: StudentStatus[] | null;
  @Reads('Student.jurisdiction') @Field(() => ID, { nullable: true, description: 'Owned by this LEA today.' }) leaId?:
    string | null;
  @Reads('Student.jurisdiction') @Field(() => ID, { nullable: true, description: 'At this school today.' }) schoolId?:
    string | null;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Also records without activity for five years, and hidden ones (SER-18).',
  })
  includeInactive?: boolean | null;
}

@InputType({
  description:
    'Whom to look for beyond your scope: a state id, or last name, date of birth and purpose together (SEIS-16).',
})
export class LocateStudentInput {
  @Reads('Student.stateId') @Field(() => String, { nullable: true, description: 'Unique id.' }) stateId?: string | null;
  @Reads('Student.lastName') @Field(() => String, { nullable: true, description: 'Whole last name.' }) lastName?:
    string | null;
  @Reads('Student.dateOfBirth')
  @Field(() => DateScalar, { nullable: true, description: 'Date of birth.' })
  dateOfBirth?: string | null;
  @Field(() => String, { nullable: true, description: 'Why you look: kept with the record of this disclosure.' })
  purpose?: string | null;
}

/** What is shown of a student beyond the own scope, and nothing else (domain B.4). */
@RequiresScopes('student:locate')
@ObjectType('StudentCard', { description: 'The minimal card of a student beyond your scope.' })
export class StudentCard {
  @Field({ description: 'Unique id.' }) stateId: string;
  @Field({ description: 'Initials of first and last name.' }) initials: string;
  @Field(() => Int, { description: 'Year of birth.' }) birthYear: number;
  leaId: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'True blocks a claim until the owning LEA closes its services (SER-28).',
  })
  hasOpenServices: boolean;
  lea?: Organization | null;
}

@InputType({ description: 'A student who is new to special education, or to this system (SEIS-15, SER-32).' })
export class AddStudentInput {
  @Field({ description: 'Unique id that the state gave (SER-33).' }) stateId: string;
  @Field({ description: 'First name.' }) firstName: string;
  @Field(() => String, { nullable: true, description: 'Middle name.' }) middleName?: string | null;
  @Field({ description: 'Last name.' }) lastName: string;
  @Field(() => DateScalar, { description: 'Date of birth.' }) dateOfBirth: string;
  @Field({ description: 'Gender: F, M or X.' }) gender: string;
  @Field({ description: 'Grade: IN, TD, PS, PK, TK, KN, 01 to 12, UG.' }) gradeLevel: string;
  @Field(() => String, { nullable: true, description: 'Id in the district, not a Social Security number.' }) localId?:
    string | null;
  @Field(() => String, { nullable: true, description: 'Language spoken at home.' }) language?: string | null;
  @Field(() => ID, { description: 'School of your LEA.' }) schoolId: string;
  @Field(() => DateScalar, { description: 'First day of the jurisdiction of your LEA: not in the future.' })
  beginDate: string;
  @Field(() => StudentStatus, {
    nullable: true,
    defaultValue: StudentStatus.REFERRED,
    description: 'REFERRED or PENDING.',
  })
  status?: StudentStatus | null;
  @Field(() => String, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'Edits the profile. What is left out stays; null empties it.' })
export class UpdateStudentInput {
  @Field(() => ID, { description: 'The student.' }) id: string;
  @Field(() => Int, { description: 'The version that you read; another one by now is a CONFLICT.' }) version: number;
  @Field(() => String, { nullable: true, description: 'Id in the district, not a Social Security number.' }) localId?:
    string | null;
  @Field(() => String, { nullable: true, description: 'Grade.' }) gradeLevel?: string | null;
  @Field(() => String, { nullable: true, description: 'Language spoken at home.' }) language?: string | null;
  @Field(() => String, { nullable: true, description: 'Read-only: corrected at the identity authority (V-051).' })
  firstName?: string | null;
  @Field(() => String, { nullable: true, description: 'Read-only: corrected at the identity authority (V-051).' })
  middleName?: string | null;
  @Field(() => String, { nullable: true, description: 'Read-only: corrected at the identity authority (V-051).' })
  lastName?: string | null;
  @Field(() => DateScalar, { nullable: true, description: 'Read-only: corrected at the identity authority (V-051).' })
  dateOfBirth?: string | null;
  @Field(() => String, { nullable: true, description: 'Read-only: corrected at the identity authority (V-051).' })
  gender?: string | null;
  @Field(() => String, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('AddStudentPayload', { description: 'What became of the add: a student, or a request in the work queue.' })
export class AddStudentPayload extends Payload {
  @Field(() => Student, { nullable: true, description: 'The new student.' }) student?: Student | null;
  @Field(() => StudentRequest, { nullable: true, description: 'The request that somebody has to decide first.' })
  request?: StudentRequest | null;
}

@Authenticated()
@ObjectType('UpdateStudentPayload', { description: 'What the edit did.' })
export class UpdateStudentPayload extends Payload {
  @Field(() => Student, { nullable: true, description: 'The student.' }) student?: Student | null;
}

@InputType({ description: 'Another unique id for a student, as the identity authority has it (SER-49).' })
export class AssignStateIdInput {
  @Field(() => ID, { description: 'The student.' }) id: string;
  @Field(() => Int, { description: 'The version that you read; another one by now is a CONFLICT.' }) version: number;
  @Field({ description: 'The unique id.' }) stateId: string;
  @Field(() => String, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('AssignStateIdPayload', { description: 'What the assignment did.' })
export class AssignStateIdPayload extends Payload {
  @Field(() => Student, { nullable: true, description: 'The student.' }) student?: Student | null;
}
