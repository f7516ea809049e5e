import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { plannedSupergraph } from './planned-supergraph';

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
  const features = { supportedFeatures: null, validateSupergraph: false };
  const { document: plannedDocument, restore } = plannedSupergraph(supergraphSdl);
  const planned = Supergraph.build(plannedDocument, features);
  const supergraph = restore ? Supergraph.build(supergraphSdl, features) : planned;
  const planner = new QueryPlanner(planned, {
    // Fragments of the client cost planning time, and make two texts of one fetch differ.
    reuseQueryFragments: false,
    // Objects are asked for what the client wants of their type, not for what it wants of another one at the same place.
    typeConditionedFetching: true,
    debug: { maxEvaluatedPlans, pathsLimit: maxPaths },
  });
  const plannedSchema = planned.apiSchema();
  return {
    apiSchema: supergraph.apiSchema().toGraphQLJSSchema(),
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    subgraphs: supergraph.subgraphsMetadata(),
    plan(document) {
      const plan = planner.buildQueryPlan(operationFromDocument(plannedSchema, document, { validate: false }));
      return restore ? restore(plan) : plan;
    },
  };
}
