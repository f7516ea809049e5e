import { getVariableValues } from 'graphql';
import { LRUCache } from 'lru-cache';
import { badInput } from '../../authorize/operation-walk';
import { type CompiledPlan, conditionKey, type OperationCompiler } from './compiled-plan';
import { conditionNames } from './conditions';
import type { JsonObject } from './json';
import { type Answered, compileProjector, type Project } from './project';

/** So many writers are kept per operation: one per combination of the variables in `@skip` and `@include`. */
const MAX_PROJECTORS = 16;

/** An operation with its plan and the writers of its answer. It holds nothing of a request. */
export class PreparedOperation {
  private readonly conditionNames: readonly string[];
  private readonly projectors = new LRUCache<string, Project>({ max: MAX_PROJECTORS });

  constructor(
    private readonly compiler: OperationCompiler,
    readonly plan: CompiledPlan,
    readonly answered: Answered,
  ) {
    this.conditionNames = conditionNames(answered);
  }

  /**
   * The values of the variables in `@skip` and `@include`, by name.
   *
   * @throws GraphQLError (BAD_USER_INPUT) when one is not true or false
   */
  conditionsOf(variables: JsonObject): JsonObject {
    if (this.conditionNames.length === 0) return {};
    const declared = this.answered.operation.variableDefinitions ?? [];
    const definitions = declared.filter(({ variable }) => this.conditionNames.includes(variable.name.value));
    const { coerced, errors } = getVariableValues(this.compiler.planner.apiSchema, definitions, variables);
    if (errors) throw badInput(errors.map(({ message }) => message).join(' '));
    for (const name of this.conditionNames)
      if (typeof coerced[name] !== 'boolean') throw badInput(`The variable $${name} must be true or false.`);
    return coerced;
  }

  projector(conditions: JsonObject): Project {
    const key = conditionKey(this.conditionNames, conditions);
    let project = this.projectors.get(key);
    if (!project) {
      const { planner, keys } = this.compiler;
      project = compileProjector({ schema: planner.apiSchema, ...this.answered, conditions, keys });
      this.projectors.set(key, project);
    }
    return project;
  }
}
