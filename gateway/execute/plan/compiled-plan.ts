import { LRUCache } from 'lru-cache';
import type { ExecutedOperation } from '../../authorize/operation-walk';
import { assertAllAsked } from './all-asked';
import { compilePlan } from './compile-plan';
import { conditionNames } from './conditions';
import type { JsonObject } from './json';
import { plannable } from './plannable';
import type { Planner } from './planner';
import type { PrivateKeys } from './private-keys';
import type { Step } from './run';
import type { TypeConditions } from './type-conditions';

/**
 * So many variables of `@skip` and `@include` make a plan of their own for each combination; of more, the planner makes one
 * plan with conditions in it. Plans without conditions are smaller, and right where the planner confuses conditions: it leaves
 * out an input of `@requires` that another field asks for under a condition.
 */
const MAX_DECIDED = 4;

/** What makes plans and writers of operations; for one supergraph. */
export interface OperationCompiler {
  planner: Planner;
  types: TypeConditions;
  keys: PrivateKeys;
  /** Of all operations. */
  steps: Steps;
}

export type Steps = LRUCache<string, Step>;

const MAX_STEPS = 5_000;
/**
 * Of the plans, as JSON, in characters: some seven bytes of memory for each. The text of an operation says little about that:
 * 800 characters of fragments that spread fragments make a plan of 60,000, and four conditions make sixteen of these.
 */
const MAX_PLANNED = 16 * 1024 * 1024;

/** The plans that are remembered, each for one combination of conditions. */
export const rememberedSteps = (maxSize = MAX_PLANNED): Steps => new LRUCache({ max: MAX_STEPS, maxSize });

/** The plan of an operation as steps, made when it is first run. It holds nothing of a request. */
export class CompiledPlan {
  private readonly conditionNames: readonly string[];

  /** @param hash of the operation: those of one hash share their plans */
  constructor(
    private readonly compiler: OperationCompiler,
    private readonly operation: ExecutedOperation,
    private readonly hash: string,
  ) {
    const names = conditionNames(operation);
    this.conditionNames = names.length <= MAX_DECIDED ? names : [];
  }

  /** Whether the next `step` makes no plan. */
  isMade(conditions: JsonObject): boolean {
    return this.compiler.steps.has(this.key(conditions));
  }

  /**
   * @param conditions the values of the variables in `@skip` and `@include`
   * @throws Error when no plan is found
   */
  step(conditions: JsonObject): Step {
    const key = this.key(conditions);
    return this.compiler.steps.get(key) ?? this.compile(key, conditions);
  }

  private key(conditions: JsonObject): string {
    return `${this.hash} ${conditionKey(this.conditionNames, conditions)}`;
  }

  private compile(key: string, conditions: JsonObject): Step {
    const { planner, types, keys, steps } = this.compiler;
    const decided = Object.fromEntries(this.conditionNames.map((name) => [name, conditions[name]]));
    const document = plannable(this.operation, keys, decided);
    const plan = planner.plan(document);
    assertAllAsked(document, plan);
    const step = compilePlan(plan, types);
    steps.set(key, step, { size: JSON.stringify(plan).length });
    return step;
  }
}

/** The same for the same values. */
export function conditionKey(names: readonly string[], conditions: JsonObject): string {
  return names.map((name) => (conditions[name] ? '1' : '0')).join('');
}
