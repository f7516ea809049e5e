import { Field, ID, ObjectType } from 'type-graphql';
import { Authenticated, Key } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';

/** A staff account by its id. The `students` subgraph resolves the rest. */
@Key('id', { resolvable: false })
@Authenticated()
@ObjectType('Account', { implements: Node, description: 'The account of a member of staff.' })
export class AccountRef {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
}
