import { type GraphQLSchema, printSchema } from 'graphql';
import { buildPolicyIndex, type PolicyIndex } from '../gateway/authorize';
import { VisibleSchemas } from '../gateway/execute/introspection';
import { loadApiSchema } from '../gateway/schema/api-schema';
import { composeGraph } from '../gateway/schema/compose';
import { callerNamed } from './callers';
import { buildGraphs } from './graph';

/** The whole schema of this code with its policy, as a gateway in front of it has them. */
export interface Contract {
  schema: GraphQLSchema;
  index: PolicyIndex;
}

/** Composes the subgraphs of this code: no database, no running system. */
export async function loadContract(): Promise<Contract> {
  const graphs = Object.entries(buildGraphs());
  const { supergraph } = composeGraph(graphs.map(([name, { sdl }]) => ({ name, sdl })));
  return { schema: await loadApiSchema(supergraph), index: buildPolicyIndex(supergraph) };
}

/**
 * The SDL that introspection would show to this caller: same code, same order, every time.
 *
 * @param name a level, a role or an account of the initial data
 */
export function printVisibleSchema({ schema, index }: Contract, name: string): string {
  const { title, caller } = callerNamed(name);
  const visible = new VisibleSchemas(index, schema).for(caller);
  return `# What the ${title} may use. Generated: npm run -s schema -- --as ${name}\n\n${printSchema(visible)}\n`;
}
