import { parse, validate } from 'graphql';
import { executedOperation } from '../../authorize/operation-walk';
import { createPlanExecutor, type PlanAnswer, type PlanExecutor, type PlanExecutorOptions } from './executor';
import type { Caller } from './subgraph-calls';
import type { Subgraphs } from './subgraphs.fixture';

export function executorOf(graph: Subgraphs, options: Partial<PlanExecutorOptions> = {}): PlanExecutor {
  return createPlanExecutor({ ...graph, ...options });
}

export async function askRaw(executor: PlanExecutor, text: string, caller: Partial<Caller> = {}): Promise<PlanAnswer> {
  const document = parse(text);
  expect(validate(executor.schema, document)).toEqual([]);
  const operation = executor.prepare(executedOperation(executor.schema, document, null), text);
  return executor.execute(operation, { variables: {}, ...caller });
}

export async function ask(executor: PlanExecutor, text: string, caller: Partial<Caller> = {}) {
  const { data, errors } = await askRaw(executor, text, caller);
  return { data: JSON.parse(data.toString()), errors };
}
