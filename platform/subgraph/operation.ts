import { type DocumentNode, execute, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { LearnedColumns } from '../database/learned-columns';
import { CompiledQuery, Uncommon } from './compiled-query';

export interface OperationInput {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string | null;
}

const MAX_PAUSE = 1_000;

/**
 * Executes the operations of one valid text: a query, from its second time on, compiled as long as that goes well, anything else by
 * graphql-js. What has failed is executed again: graphql-js alone says what an error is, and where. So fields that have an effect
 * besides the record of what was shown are never executed compiled.
 */
export class Operation {
  /** Null when it is for graphql-js alone. What comes once, such as a text with a value in it, is not worth the memory. */
  private compiled?: CompiledQuery | null;
  private isKnown = false;
  /** For how many executions the compiled query rests. */
  private rest = 0;
  /** For how many it rests after its next failure. */
  private pause = 1;
  private readonly columns = new LearnedColumns();

  /** @param effects coordinates of fields that have one, such as `Query.locateStudent` */
  constructor(
    private readonly schema: GraphQLSchema,
    readonly document: DocumentNode,
    private readonly effects: ReadonlySet<string> = NONE,
  ) {}

  /**
   * @param begin makes the context of one execution; what is compiled reads the columns that it needs, as far as they are known
   * @returns the result, with the context that it was made with
   */
  async execute<C>(
    begin: (columns?: LearnedColumns) => C,
    { variables, operationName }: OperationInput,
  ): Promise<[C, ExecutionResult]> {
    const compiled = this.isKnown && !operationName ? this.compile() : null;
    this.isKnown = true;
    if (compiled && this.rest-- <= 0) {
      const { columns } = this;
      const { misses } = columns;
      const context = begin(columns);
      try {
        const data = await compiled.run(context, variables);
        if (columns.misses === misses) {
          columns.settle();
          this.pause = 1;
          return [context, { data }];
        }
      } catch {
        // A column that was missing is known now, and the next time it is read.
        if (columns.misses === misses) {
          this.rest = this.pause;
          this.pause = Math.min(this.pause * 2, MAX_PAUSE);
        }
      }
    }
    const context = begin();
    const { schema, document } = this;
    const result = await execute({
      ...{ schema, document, variableValues: variables, operationName, contextValue: context },
    });
    return [context, result];
  }

  private compile(): CompiledQuery | null {
    if (this.compiled !== undefined) return this.compiled;
    try {
      this.compiled = new CompiledQuery(this.schema, this.document, this.effects);
    } catch (error) {
      if (!(error instanceof Uncommon)) throw error;
      this.compiled = null;
    }
    return this.compiled;
  }
}

const NONE: ReadonlySet<string> = new Set();
