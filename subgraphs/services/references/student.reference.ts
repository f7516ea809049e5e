import { Field, ID, ObjectType } from 'type-graphql';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';

/** The student as this subgraph knows it: an id to hang services and providers on. The `students` subgraph owns the rest. */
@Key('id')
@RequiresScopes('student:read')
@ObjectType('Student', { implements: Node, description: 'A student with a special-education record.' })
export class StudentRef {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
}
