import { Field, ID, InterfaceType } from 'type-graphql';

/**
 * The records that clients and other subgraphs point at by an id of their own. There is no field that answers a Node by its
 * id alone: what somebody may see hangs on what it is.
 *
 * An interface takes the requirements of everything that implements it. A type that few callers may read therefore does not:
 * it would take `... on Node` away from all others.
 */
@InterfaceType('Node', {
  description:
    'A record with an id of its own. No field answers a Node; select on it where any of its types may stand. It takes the right to read every type that implements it.',
})
export abstract class Node {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
}
