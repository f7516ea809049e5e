import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Authenticated, ListSize, RequiresScopes } from '../../../platform/graphql/directives';
import { Payload, UserError } from '../../../platform/graphql/user-error';
import { StudentRef } from '../references/student.reference';

@InputType({ description: 'Students to hand over from one provider to another.' })
export class ReassignProvidersInput {
  @Field(() => ID, { description: 'The provider who hands over.' })
  fromProviderId: string;

  @Field(() => ID, { description: 'The provider who takes over.' })
  toProviderId: string;

  @Field(() => [ID], { nullable: true, description: 'The picked students; at most 500.' })
  studentIds?: string[] | null;

  @Field({
    defaultValue: false,
    description: 'True for all students of the provider that you can see, instead of picked ones.',
  })
  all: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('ReassignmentResult', { description: 'What became of one student.' })
export class ReassignmentResult {
  @Field(() => ID, { description: 'Id of the student, as given.' })
  studentId: string;

  @Field(() => StudentRef, { nullable: true, description: 'The student, when reassigned.' })
  student: StudentRef | null;

  @RequiresScopes('student.demographics:read')
  @Field(() => String, { nullable: true, description: 'Name of the student, when yours to see.' })
  studentName: string | null;

  @Field({ description: 'True when the student was handed over.' })
  updated: boolean;

  @Field(() => UserError, { nullable: true, description: 'Why not.' })
  error: UserError | null;
}

@Authenticated()
@ObjectType('ReassignProvidersPayload', {
  description: 'What became of the students, one by one: some may be handed over while others are not.',
})
export class ReassignProvidersPayload extends Payload {
  @Field(() => Int, { description: 'How many students were handed over.' })
  updatedCount: number;

  @ListSize(500)
  @Field(() => [ReassignmentResult], { description: 'One result per student.' })
  results: ReassignmentResult[];
}
