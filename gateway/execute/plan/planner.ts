import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema } from 'graphql';

export interface PlannerOptions {
  /** SDL with the definitions of the join specification; security specifications in it are read over, not enforced. */
  supergraphSdl: string;
  /** Of the plans that are possible for one operation, so many are compared (attack 45). */
  maxEvaluatedPlans?: number;
  /** Of the ways through the subgraphs to one selection, so many are followed. */
  maxPaths?: number;
}

/** Decides which subgraph is asked what, in which order. Nothing outside this file knows whose planner it is. */
export interface Planner {
  /** What clients can ask: without anything `@inaccessible`. */
  readonly apiSchema: GraphQLSchema;
  /** All types of the subgraphs. */
  readonly supergraphSchema: GraphQLSchema;
  readonly subgraphs: readonly { name: string; url: string }[];
  /**
   * @param document of one valid operation and its fragments
   * @throws Error when no plan is found
   */
  plan(document: DocumentNode): QueryPlan;
}

/** @throws GraphQLError when the text is not a supergraph */
export function createPlanner(options: PlannerOptions): Planner {
  const { supergraphSdl, maxEvaluatedPlans = 1_000, maxPaths = null } = options;
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: null, validateSupergraph: false });
  const planner = new QueryPlanner(supergraph, {
    // Fragments of the client cost planning time, and make two texts of one fetch differ.
    reuseQueryFragments: false,
    debug: { maxEvaluatedPlans, pathsLimit: maxPaths },
  });
  const apiSchema = supergraph.apiSchema();
  return {
    apiSchema: apiSchema.toGraphQLJSSchema(),
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    subgraphs: supergraph.subgraphsMetadata(),
    plan: (document) => planner.buildQueryPlan(operationFromDocument(apiSchema, document, { validate: false })),
  };
}
