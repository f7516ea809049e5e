import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { Provider } from '../provider/provider.entity';
import { StudentRef } from '../references/student.reference';
import { ProviderAssignment } from './assignment.entity';
import { AssignmentRole } from './assignment.enums';

const KEY = 'Repeating the mutation with the same key does not repeat the act.';

@InputType({ description: 'Who shall serve a student or manage the case.' })
export class AssignProviderInput {
  @Field(() => ID, { description: 'The student.' })
  studentId: string;

  @Field(() => ID, { description: 'The provider.' })
  providerId: string;

  @Field(() => AssignmentRole, {
    defaultValue: AssignmentRole.PROVIDER,
    description: 'As what. A case manager must be assigned as a provider first.',
  })
  role: AssignmentRole;

  @Field(() => ID, {
    nullable: true,
    description: 'The open service that the provider takes; it must have nobody yet.',
  })
  serviceId?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'First day; today when left out.' })
  since?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Planned last day, such as the end of a contract.' })
  until?: string | null;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Who shall no longer serve a student.' })
export class RemoveProviderInput {
  @Field(() => ID, { description: 'The student.' })
  studentId: string;

  @Field(() => ID, { description: 'The provider.' })
  providerId: string;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Who shall manage the case of a student from now on.' })
export class ChangeCaseManagerInput {
  @Field(() => ID, { description: 'The student.' })
  studentId: string;

  @Field(() => ID, { description: 'The new case manager: an assigned provider of the student, with an account.' })
  providerId: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The case manager that you saw: the change is refused as CONFLICT when it is another one by now.',
  })
  currentCaseManagerId?: string | null;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('AssignProviderPayload', { description: 'What became of assigning a provider.' })
export class AssignProviderPayload extends Payload {
  @Field(() => ProviderAssignment, { nullable: true, description: 'The assignment.' })
  assignment?: ProviderAssignment | null;

  @Field(() => StudentRef, { nullable: true, description: 'The student.' })
  student?: StudentRef | null;
}

@Authenticated()
@ObjectType('RemoveProviderPayload', { description: 'What became of removing a provider.' })
export class RemoveProviderPayload extends Payload {
  @Field(() => StudentRef, { nullable: true, description: 'The student.' })
  student?: StudentRef | null;
}

@Authenticated()
@ObjectType('ChangeCaseManagerPayload', { description: 'What became of changing the case manager.' })
export class ChangeCaseManagerPayload extends Payload {
  @Field(() => Provider, { nullable: true, description: 'The case manager.' })
  caseManager?: Provider | null;

  @Field(() => StudentRef, { nullable: true, description: 'The student.' })
  student?: StudentRef | null;
}
