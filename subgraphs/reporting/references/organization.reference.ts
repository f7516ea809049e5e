import { Field, ID, ObjectType } from 'type-graphql';
import { Authenticated, Key } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';

/** An organization by its id. The `students` subgraph resolves the rest. */
@Key('id', { resolvable: false })
@Authenticated()
@ObjectType('Organization', { implements: Node, description: 'A state, SELPA, district, school or agency.' })
export class OrganizationRef {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
}
