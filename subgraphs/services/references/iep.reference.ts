import { Field, ID, ObjectType } from 'type-graphql';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';

/** The plan as this subgraph knows it: an id to list services by. The `iep` subgraph owns the rest. */
@Key('id')
@RequiresScopes('iep:read')
@ObjectType('Iep', { implements: Node, description: 'An individualized education program.' })
export class IepRef {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
}
