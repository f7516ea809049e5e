import type { FieldNode, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { ExecutedOperation } from '../../authorize/operation-walk';
import { CompiledPlan, rememberedSteps } from './compiled-plan';
import { Faults } from './faults';
import type { JsonObject } from './json';
import { createPlanner, type PlannerOptions } from './planner';
import { PreparedOperation } from './prepared-operation';
import { PrivateKeys } from './private-keys';
import type { Answered } from './project';
import { type Caller, type SubgraphAccess, SubgraphCalls } from './subgraph-calls';
import { TypeConditions } from './type-conditions';
import { visibleErrors } from './visible-errors';

export type { PreparedOperation } from './prepared-operation';
export type { Answered } from './project';

export interface PlanExecutorOptions extends PlannerOptions, SubgraphAccess {
  /** Of the plans that are remembered, as JSON, in characters. */
  maxPlanned?: number;
  /** Answers `__schema` and `__type` among other fields; without it they are errors. */
  introspect?(schema: GraphQLSchema, field: FieldNode, answered: Answered, variables: JsonObject): unknown;
}

export interface PlanAnswer {
  /** The JSON of `data`, `null` included; UTF-8. */
  data: Buffer;
  /** At the places that the client knows. */
  errors: readonly GraphQLFormattedError[];
  /** The same at the places where they came to be, some of which the plan alone has asked for. */
  faults: readonly GraphQLFormattedError[];
}

export interface PlanExecutor {
  /** The schema of clients. */
  readonly schema: GraphQLSchema;
  readonly subgraphs: readonly { name: string; url: string }[];
  /**
   * What is done once per operation; its plan is made when it is first needed. To be kept by who calls.
   *
   * @param fetched valid against `schema`: what subgraphs may be asked for
   * @param hash of `fetched`: operations of one hash share one plan
   * @param answered what the client asked for, of which `fetched` is a part; left out, `fetched` itself
   */
  prepare(fetched: ExecutedOperation, hash: string, answered?: Answered): PreparedOperation;
  /**
   * Asks the subgraphs and writes the answer. Subgraphs that fail leave null and an error each.
   *
   * @throws GraphQLError (BAD_USER_INPUT) when the operation can't be run with these variables
   * @throws Error when no plan is found
   */
  execute(operation: PreparedOperation, caller: Caller): Promise<PlanAnswer>;
}

/** Executes operations over subgraphs; it judges no rights (docs/execution.md). */
export function createPlanExecutor(options: PlanExecutorOptions): PlanExecutor {
  const planner = createPlanner(options);
  const { apiSchema: schema, subgraphs } = planner;
  const keys = new PrivateKeys(planner.supergraphSchema);
  const types = new TypeConditions(planner.supergraphSchema);
  const compiler = { planner, types, keys, steps: rememberedSteps(options.maxPlanned) };
  const { introspect } = options;

  return {
    schema,
    subgraphs,
    prepare: (fetched, hash, answered = { ...fetched, denied: NOTHING }) =>
      new PreparedOperation(compiler, new CompiledPlan(compiler, fetched, hash), answered),
    async execute(operation, caller) {
      const conditions = operation.conditionsOf(caller.variables);
      const step = operation.plan.step(conditions);
      const project = operation.projector(conditions);
      const faults = new Faults(keys);
      const root: JsonObject = {};
      await step({ root, conditions, faults, calls: new SubgraphCalls(options, caller) });
      const answer =
        introspect && ((field: FieldNode) => introspect(schema, field, operation.answered, caller.variables));
      const data = project(root, faults, answer);
      return { data, errors: visibleErrors(faults.errors, data), faults: faults.errors };
    },
  };
}

const NOTHING: ReadonlySet<FieldNode> = new Set();

/** The whole answer as it goes to the client, UTF-8; without `data` where nothing was executed. */
export function answerBytes({
  data,
  errors = [],
  extensions,
}: Partial<PlanAnswer> & { extensions?: Record<string, unknown> }): Buffer {
  const told = errors.length > 0 ? `"errors":${JSON.stringify(errors)}` : '';
  const further = extensions ? `"extensions":${JSON.stringify(extensions)}` : '';
  if (data === undefined) return Buffer.from(`{${[told, further].filter(Boolean).join(',')}}\n`);
  const before = `{${told}${told && ','}"data":`;
  const after = `${further && ','}${further}}\n`;
  return Buffer.concat([Buffer.from(before), data, Buffer.from(after)]);
}
