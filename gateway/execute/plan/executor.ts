import { type DocumentNode, type FieldNode, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { CompiledOperation } from './compiled-operation';
import { Faults } from './faults';
import type { JsonObject } from './json';
import { createPlanner, type PlannerOptions } from './planner';
import { PrivateKeys } from './private-keys';
import { type Caller, type SubgraphAccess, SubgraphCalls } from './subgraph-calls';
import { TypeConditions } from './type-conditions';
import { visibleErrors } from './visible-errors';

export interface PlanExecutorOptions extends PlannerOptions, SubgraphAccess {
  /** How many compiled operations are kept (default 1,000). */
  maxOperations?: number;
  /** Answers `__schema` and `__type` among other fields; without it they are errors. */
  introspect?(schema: GraphQLSchema, field: FieldNode, asked: PlannedRequest): unknown;
}

export interface PlannedRequest extends Caller {
  /** Valid against `schema`. */
  document: DocumentNode;
  /** Of the document: two documents of one hash get one plan. */
  hash: string;
  operationName?: string | null;
}

export interface PlanAnswer {
  /** The JSON of `data`, `null` included. */
  data: string;
  errors: readonly GraphQLFormattedError[];
}

export interface PlanExecutor {
  /** The schema of clients. */
  readonly schema: GraphQLSchema;
  readonly subgraphs: readonly { name: string; url: string }[];
  /**
   * Plans, asks the subgraphs and writes the answer. Subgraphs that fail leave null and an error each.
   *
   * @throws GraphQLError (BAD_USER_INPUT) when the operation can't be run with these variables, or its name is none
   * @throws Error when no plan is found
   */
  execute(request: PlannedRequest): Promise<PlanAnswer>;
}

/** Executes operations over subgraphs; it judges no rights (docs/execution.md). */
export function createPlanExecutor(options: PlanExecutorOptions): PlanExecutor {
  const planner = createPlanner(options);
  const { apiSchema: schema, subgraphs } = planner;
  const types = new TypeConditions(planner.supergraphSchema);
  const keys = new PrivateKeys(planner.supergraphSchema);
  const compiled = new LRUCache<string, CompiledOperation>({ max: options.maxOperations ?? 1_000 });

  const compile = ({ document, hash, operationName }: PlannedRequest): CompiledOperation => {
    const key = `${hash} ${operationName ?? ''}`;
    let operation = compiled.get(key);
    if (!operation)
      compiled.set(key, (operation = new CompiledOperation({ planner, types, keys }, document, operationName)));
    return operation;
  };

  return {
    schema,
    subgraphs,
    async execute(request) {
      const operation = compile(request);
      const conditions = operation.conditionsOf(request.variables);
      const { step, project } = operation.variant(conditions);
      const faults = new Faults(keys);
      const root: JsonObject = {};
      await step({ root, conditions, faults, calls: new SubgraphCalls(options, request) });
      const { introspect } = options;
      const data = project(root, faults, introspect && ((field) => introspect(schema, field, request)));
      return { data, errors: visibleErrors(faults.errors, data) };
    },
  };
}

/** The whole answer as it goes to the client. */
export function answerText({ data, errors }: PlanAnswer): string {
  return errors.length === 0 ? `{"data":${data}}` : `{"errors":${JSON.stringify(errors)},"data":${data}}`;
}
