/** Whether the executor answers as one schema would. */
import { type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { executedOperation } from '../../../gateway/authorize/operation-walk';
import { createPlanExecutor, type PlanExecutor } from '../../../gateway/execute/plan/executor';
import { randomOperation } from '../field/random-operation';
import { drawFrom } from '../run';
import { answerAsOne, compose, subgraphTransport } from './federation';
import { type Sdls, World } from './world';

export interface Federation {
  api: GraphQLSchema;
  world: World;
  executor: PlanExecutor;
}

export function federate(sdls: Sdls, faults: number): Federation {
  const supergraphSdl = compose(sdls);
  const transports = Object.fromEntries(
    Object.keys(sdls).map((name) => [name, { send: (...given: [any, any, any]) => inner[name]!.send(...given) }]),
  );
  const executor = createPlanExecutor({ supergraphSdl, transports });
  const world = new World(sdls, executor.schema, faults);
  const inner = Object.fromEntries(Object.keys(sdls).map((name) => [name, subgraphTransport(world, name)]));
  return { api: executor.schema, world, executor };
}

const onFailure = (subgraph: string, error: unknown): never => {
  throw new Error(`${subgraph}: ${String(error)}`);
};

export const counts = { cases: 0, withErrors: 0 };

export async function check({ api, world, executor }: Federation, drawn: readonly number[]): Promise<void> {
  const { text, operationName, variables } = randomOperation(api, drawFrom(drawn));
  const document = parse(text);
  if (validate(api, document).length > 0) return;
  const expected = await answerAsOne(world, api, text, operationName, variables);
  const operation = executedOperation(api, document, operationName);
  const prepared = executor.prepare(operation, `${operationName} ${text}`);
  const answer = await executor.execute(prepared, { variables, onFailure }).catch((error) => {
    throw new Error(`${text}\n${error.stack}`);
  });
  counts.cases += 1;
  if (expected.errors) counts.withErrors += 1;
  const wanted = JSON.stringify(expected.data ?? null);
  const got = answer.data.toString();
  const told = answer.errors.map(({ message, path }) => JSON.stringify([path, message]));
  // Of several errors that leave the same null, one may keep the others from happening.
  const isTold = ({ message, path = [] }: GraphQLError): boolean => {
    const nulled = nulledPart(expected.data, path);
    if (nulled.length === path.length) return told.includes(JSON.stringify([path, message]));
    return answer.errors.some((one) => nulled.every((key, at) => one.path?.[at] === key));
  };
  const missing = (expected.errors ?? []).filter((error) => !isTold(error));
  // What a plan fetched beyond what was asked for may fail as well: that is told at the object.
  const stray = answer.errors.filter(({ path }) => !(path === undefined || isNulled(expected.data, path)));
  if (wanted !== got || missing.length > 0 || stray.length > 0)
    throw new Error(
      [
        text,
        JSON.stringify(variables),
        wanted,
        got,
        JSON.stringify(expected.errors),
        JSON.stringify(answer.errors),
      ].join('\n'),
    );
}

/** The path down to the null that stands at it or above. */
function nulledPart(data: unknown, path: readonly (string | number)[]): readonly (string | number)[] {
  let at = data;
  for (const [depth, key] of path.entries()) {
    if (at == null) return path.slice(0, depth);
    at = (at as Record<string | number, unknown>)[key];
  }
  return path;
}

/** Whether null stands at the path or above it. */
function isNulled(data: unknown, path: readonly (string | number)[] | undefined): boolean {
  let at = data;
  for (const key of path ?? []) {
    if (at === null) return true;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at === null || typeof at === 'object';
}
