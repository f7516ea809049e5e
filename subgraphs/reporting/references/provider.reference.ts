import { Field, ID, ObjectType } from 'type-graphql';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';

/** A provider by its id. The `services` subgraph resolves the rest. */
@Key('id', { resolvable: false })
@RequiresScopes('provider:read')
@ObjectType('Provider', { implements: Node, description: 'A person who serves students or manages their cases.' })
export class ProviderRef {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
}
