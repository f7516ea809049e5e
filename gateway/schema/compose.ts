import { composeServices } from '@apollo/composition';
import { type DocumentNode, parse } from 'graphql';
import { buildPolicyIndex } from '../authorize/policy-index';
import { lintSubgraph } from './lint-subgraph';
import { lintSupergraph } from './lint-supergraph';
import { printPolicySnapshot } from './policy-snapshot';

export { lintSubgraph } from './lint-subgraph';
export { lintSupergraph } from './lint-supergraph';

export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
  /** Where the gateway finds it; in process there is nothing to find. */
  readonly url?: string;
}

export interface ComposedGraph {
  /** The supergraph SDL, with its security directives. */
  readonly supergraph: string;
  /** Its policy, one coordinate a line; the first line holds the SHA-256 of the supergraph. */
  readonly policySnapshot: string;
}

/**
 * Composes the subgraphs and proves that no rule got lost on the way.
 *
 * @throws Error listing every lint finding and every composition error, one a line
 */
export function composeGraph(subgraphs: readonly Subgraph[]): ComposedGraph {
  const services = subgraphs.map(({ name, sdl, url }) => ({
    name,
    typeDefs: parseSubgraph(name, sdl),
    url: url ?? `in-process://${name}`,
  }));
  const findings = subgraphs.flatMap(({ name, sdl }) => lintSubgraph(name, sdl));
  const composition = composeServices(services);
  const errors = composition.errors?.map((error) => error.message) ?? [];
  // As it is kept in a file, so that the policy's hash is the hash of that file (attack 10).
  const supergraph = composition.supergraphSdl && `${composition.supergraphSdl.trimEnd()}\n`;
  const holes = supergraph === undefined ? [] : lintSupergraph(supergraph);
  const problems = [...findings, ...errors, ...holes];
  if (supergraph === undefined || problems.length) throw new Error(`Composition failed:\n${problems.join('\n')}`);
  return { supergraph, policySnapshot: printPolicySnapshot(buildPolicyIndex(supergraph)) };
}

function parseSubgraph(name: string, sdl: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (error) {
    throw new Error(`[${name}] ${(error as Error).message}`, { cause: error });
  }
}
