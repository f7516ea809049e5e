import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse } from 'graphql';
import type { SubgraphTransport } from '../../transport/transport';

type Resolvers = Parameters<typeof buildSubgraphSchema>[0] extends infer M
  ? M extends { resolvers?: infer R }
    ? R
    : never
  : never;

export interface Sent {
  subgraph: string;
  query: string;
  variables: Record<string, any>;
  headers: Record<string, string>;
}
export interface Subgraphs {
  supergraphSdl: string;
  transports: Record<string, SubgraphTransport>;
  /** What was asked, in order. */
  sent: Sent[];
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external",
  "@shareable", "@inaccessible", "@interfaceObject", "@context", "@fromContext"])\n`;

/** Subgraphs in process, by name: their SDL and resolvers. */
export function subgraphs(
  given: Record<string, { sdl: string; resolvers?: object }>,
  url = (name: string) => `http://${name}.test`,
): Subgraphs {
  const sent: Sent[] = [];
  const definitions = Object.entries(given).map(([name, { sdl }]) => ({
    name,
    typeDefs: parse(LINK + sdl),
    url: url(name),
  }));
  const { supergraphSdl, errors } = composeServices(definitions);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  const transports = Object.fromEntries(
    definitions.map(({ name, typeDefs }): [string, SubgraphTransport] => {
      const schema = buildSubgraphSchema({ typeDefs, resolvers: given[name]!.resolvers as Resolvers });
      return [
        name,
        {
          async send(_path, body, headers) {
            const { query, variables } = JSON.parse(body);
            sent.push({ subgraph: name, query, variables, headers });
            const result = await execute({ schema, document: parse(query), variableValues: variables });
            return { status: 200, body: JSON.stringify(result) };
          },
        },
      ];
    }),
  );
  return { supergraphSdl, transports, sent };
}
