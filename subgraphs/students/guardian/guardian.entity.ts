import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { BoolColumn, EditVersionColumn, IdColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { RequiresScopes } from '../../../platform/graphql/directives';

export enum GuardianRelationship {
  MOTHER = 'MOTHER',
  FATHER = 'FATHER',
  STEPPARENT = 'STEPPARENT',
  GRANDPARENT = 'GRANDPARENT',
  FOSTER_PARENT = 'FOSTER_PARENT',
  GUARDIAN = 'GUARDIAN',
  SURROGATE = 'SURROGATE',
  OTHER = 'OTHER',
}
graphqlEnum(GuardianRelationship, 'GuardianRelationship', 'What a person is to the student.', {
  MOTHER: 'Mother.',
  FATHER: 'Father.',
  STEPPARENT: 'Stepmother or stepfather.',
  GRANDPARENT: 'Grandparent.',
  FOSTER_PARENT: 'Foster parent.',
  GUARDIAN: 'Legal guardian.',
  SURROGATE: 'Appointed surrogate parent.',
  OTHER: 'Somebody else.',
});

@RequiresScopes('student.contacts:read')
@ObjectType('Guardian', { description: 'A parent or guardian, with contacts. Editable by the LEA (SER-40).' })
@Entity('guardian')
@Index('guardian_by_student', ['studentId'])
export class Guardian {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @RefColumn() studentId: string;
  @Field(() => String, { nullable: true, description: 'Title; optional (SER-39).' })
  @StringColumn(20, { nullable: true })
  title: string | null;
  @Field({ description: 'First name.' }) @StringColumn(60) firstName: string;
  @Field({ description: 'Last name.' }) @StringColumn(60) lastName: string;
  @Field(() => String, { nullable: true, description: 'Suffix; optional (SER-39).' })
  @StringColumn(20, { nullable: true })
  suffix: string | null;
  @Field(() => GuardianRelationship, { description: 'What the person is to the student.' })
  @StringColumn(20)
  relationship: GuardianRelationship;
  @Field(() => String, { nullable: true, description: 'Telephone.' }) @StringColumn(30, { nullable: true }) phone:
    string | null;
  @Field(() => String, { nullable: true, description: 'E-mail.' }) @StringColumn(120, { nullable: true }) email:
    string | null;
  @Field(() => String, { nullable: true, description: 'Postal address.' })
  @StringColumn(200, { nullable: true })
  address: string | null;
  @Field(() => String, { nullable: true, description: 'Language for notices.' })
  @StringColumn(40, { nullable: true })
  language: string | null;
  @Field({ description: 'True when the person holds the educational rights.' })
  @BoolColumn()
  educationalRights: boolean;
  @Field(() => Int, { description: 'Counts the edits: send it back when you edit.' })
  @EditVersionColumn()
  version: number;
}
