import { type DocumentNode, execute, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { CompiledQuery, Uncommon } from './compiled-query';

export interface OperationInput {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string | null;
}

const MAX_PAUSE = 1_000;

/**
 * Executes the operations of one valid text: a query compiled as long as that goes well, anything else by graphql-js. A query has no
 * effect but its record, so that one that has failed is executed again: graphql-js alone says what an error is, and where.
 */
export class Operation {
  private readonly compiled: CompiledQuery | null;
  /** For how many executions the compiled query rests. */
  private rest = 0;
  /** For how many it rests after its next failure. */
  private pause = 1;

  constructor(
    private readonly schema: GraphQLSchema,
    readonly document: DocumentNode,
  ) {
    this.compiled = compiled(schema, document);
  }

  /**
   * @param begin makes the context of one execution
   * @returns the result, with the context that it was made with
   */
  async execute<C>(begin: () => C, { variables, operationName }: OperationInput): Promise<[C, ExecutionResult]> {
    if (this.compiled && !operationName && this.rest-- <= 0) {
      const context = begin();
      try {
        const data = await this.compiled.run(context, variables);
        this.pause = 1;
        return [context, { data }];
      } catch {
        this.rest = this.pause;
        this.pause = Math.min(this.pause * 2, MAX_PAUSE);
      }
    }
    const context = begin();
    const { schema, document } = this;
    const result = await execute({
      ...{ schema, document, variableValues: variables, operationName, contextValue: context },
    });
    return [context, result];
  }
}

function compiled(schema: GraphQLSchema, document: DocumentNode): CompiledQuery | null {
  try {
    return new CompiledQuery(schema, document);
  } catch (error) {
    if (error instanceof Uncommon) return null;
    throw error;
  }
}
