/** Subgraphs in process over one world, and the one schema that they make together. */
import { composeServices } from '@apollo/composition';
import { execute, type GraphQLSchema, isObjectType, isUnionType, parse } from 'graphql';
import type { SubgraphTransport } from '../../../gateway/transport/transport';
import { parseSubgraph, type Referred, type Sdls, type Thing, type World } from './world';

export function compose(sdls: Sdls): string {
  const services = Object.entries(sdls).map(([name, sdl]) => ({
    name,
    typeDefs: parseSubgraph(sdl),
    url: `http://${name}.test`,
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

const root = (name: string): Thing => ({ __typename: name, id: name });

/** What graphql-js answers when one schema has it all. */
export function answerAsOne(
  world: World,
  api: GraphQLSchema,
  text: string,
  operationName: string | undefined,
  variables: object,
) {
  return execute({
    schema: api,
    document: parse(text),
    operationName,
    variableValues: variables as Record<string, unknown>,
    fieldResolver: (source, args, _context, info) => world.value(source ?? root(info.parentType.name), info, args),
    typeResolver: (thing) => (thing as Thing).__typename,
  });
}

/** One subgraph of the world; `seen` gets the bodies that it was sent. */
export function subgraphTransport(world: World, name: string, seen: string[] = []): SubgraphTransport {
  const schema = world.subgraphs[name]!;
  const typeName = (source: Thing | Referred): string => {
    const thing = 'thing' in source ? source.thing : source;
    return isObjectType(schema.getType(thing.__typename)) || !('thing' in source)
      ? thing.__typename
      : String(source.representation.__typename);
  };
  const entity = schema.getType('_Entity');
  if (isUnionType(entity)) entity.resolveType = typeName;
  const entities = schema.getQueryType()?.getFields()._entities;
  if (entities)
    entities.resolve = (_source, { representations }) =>
      representations.map((one: Record<string, unknown>) => world.find(schema, one));
  return {
    async send(_path, body) {
      seen.push(body);
      const { query, variables } = JSON.parse(body);
      const result = await execute({
        schema,
        document: parse(query),
        variableValues: variables,
        fieldResolver: (source, args, _context, info) => world.value(source ?? root(info.parentType.name), info, args),
        typeResolver: typeName,
      });
      return { status: 200, body: JSON.stringify(result) };
    },
  };
}
