import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { badInput } from '../../authorize/operation-walk';
import { compilePlan } from './compile-plan';
import { conditionNames } from './conditions';
import type { JsonObject } from './json';
import { plannable } from './plannable';
import type { Planner } from './planner';
import type { PrivateKeys } from './private-keys';
import { compileProjector, type Project } from './project';
import type { Step } from './run';
import type { TypeConditions } from './type-conditions';

/**
 * So many variables of `@skip` and `@include` make a plan of their own for each combination; of more, the planner makes one
 * plan with conditions in it. Plans without conditions are smaller, and right where the planner confuses conditions: it leaves
 * out an input of `@requires` that another field asks for under a condition.
 */
const MAX_DECIDED = 4;
const MAX_VARIANTS = 2 ** MAX_DECIDED;

export interface OperationCompiler {
  planner: Planner;
  types: TypeConditions;
  keys: PrivateKeys;
}

/** An operation as it runs with certain values of `@skip` and `@include`. */
export interface Variant {
  step: Step;
  project: Project;
}

/** What is done once per operation: plans as steps, and projectors. It holds nothing of a request. */
export class CompiledOperation {
  private readonly operation: OperationDefinitionNode;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly conditionNames: readonly string[];
  private readonly variants = new LRUCache<string, Variant>({ max: MAX_VARIANTS });
  private undecided: Step | undefined;

  /** @throws GraphQLError (BAD_USER_INPUT) when the document has no such operation */
  constructor(
    private readonly compiler: OperationCompiler,
    private readonly document: DocumentNode,
    operationName: string | null | undefined,
  ) {
    const operation = getOperationAST(document, operationName);
    if (!operation) throw badInput('Say by operationName which operation of the document to run.');
    this.operation = operation;
    this.fragments = new Map(
      document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
    );
    this.conditionNames = conditionNames(plannable(document, operation, compiler.keys));
  }

  /**
   * The values of the variables in `@skip` and `@include`, by name.
   *
   * @throws GraphQLError (BAD_USER_INPUT) when one is not true or false
   */
  conditionsOf(variables: JsonObject): JsonObject {
    if (this.conditionNames.length === 0) return {};
    const declared = this.operation.variableDefinitions ?? [];
    const definitions = declared.filter(({ variable }) => this.conditionNames.includes(variable.name.value));
    const { coerced, errors } = getVariableValues(this.compiler.planner.apiSchema, definitions, variables);
    if (errors) throw badInput(errors.map(({ message }) => message).join(' '));
    for (const name of this.conditionNames)
      if (typeof coerced[name] !== 'boolean') throw badInput(`The variable $${name} must be true or false.`);
    return coerced;
  }

  /** @throws Error when no plan is found */
  variant(conditions: JsonObject): Variant {
    const key = this.conditionNames.map((name) => (conditions[name] ? '1' : '0')).join('');
    let variant = this.variants.get(key);
    if (!variant) {
      const { operation, fragments } = this;
      const { planner, keys } = this.compiler;
      const project = compileProjector({ schema: planner.apiSchema, operation, fragments, conditions, keys });
      this.variants.set(key, (variant = { project, step: this.step(conditions) }));
    }
    return variant;
  }

  private step(conditions: JsonObject): Step {
    if (this.conditionNames.length <= MAX_DECIDED) return this.compile(conditions);
    return (this.undecided ??= this.compile({}));
  }

  private compile(decided: JsonObject): Step {
    const { planner, types, keys } = this.compiler;
    return compilePlan(planner.plan(plannable(this.document, this.operation, keys, decided)), types);
  }
}
