import { Field, ID, ObjectType } from 'type-graphql';
import { Authenticated, Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';

/** The student as this subgraph knows it: the id, to which it adds IEPs and evaluations. */
@Key('id')
@RequiresScopes('student:read')
@ObjectType('Student', { implements: Node, description: 'A student.' })
export class StudentRef {
  @Field(() => ID, { description: 'Id.' }) id: string;
}

/** An account as this subgraph knows it: the id. */
@Key('id', { resolvable: false })
@Authenticated()
@ObjectType('Account', { implements: Node, description: 'An account of a person.' })
export class AccountRef {
  @Field(() => ID, { description: 'Id.' }) id: string;
}
