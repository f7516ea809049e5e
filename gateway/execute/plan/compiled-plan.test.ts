import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { executedOperation } from '../../authorize/operation-walk';
import { createPlanExecutor, type PlanExecutor, type PlanExecutorOptions } from './executor';
import { subgraphs } from './subgraphs.fixture';

const pupil = { id: '1', name: 'A', weight: 1, mood: 'GLAD' };
const graph = subgraphs({
  rooms: {
    sdl: `
      type Query { pupils: [Pupil!]! }
      type Pupil @key(fields: "id") { id: ID! name: String weight: Int mood: String }`,
    resolvers: { Query: { pupils: () => [pupil, pupil] } },
  },
  meals: {
    sdl: 'type Pupil @key(fields: "id") { id: ID! meal: String }',
    resolvers: { Pupil: { __resolveReference: (given: object) => ({ ...given, meal: 'M' }) } },
  },
});
const executorOf = (options: Partial<PlanExecutorOptions> = {}) => createPlanExecutor({ ...graph, ...options });

async function ask(executor: PlanExecutor, text: string, variables: Record<string, unknown> = {}) {
  const operation = executedOperation(executor.schema, parse(text), null);
  const { data, errors } = await executor.execute(executor.prepare(operation, text), { variables });
  expect(errors).toEqual([]);
  return JSON.parse(data.toString());
}

describe('plans are remembered', () => {
  const planned = jest.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
  beforeEach(() => void planned.mockClear());
  afterAll(() => planned.mockRestore());
  const BY_FOUR = `query($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!) { pupils {
    name @include(if: $a) weight @include(if: $b) meal @include(if: $c) mood @include(if: $d) } }`;
  const combinations = Array.from({ length: 16 }, (_, i) => ({ a: i > 7, b: i % 8 > 3, c: i % 4 > 1, d: i % 2 > 0 }));
  const askAll = async (executor: PlanExecutor) => {
    for (const variables of combinations) expect((await ask(executor, BY_FOUR, variables)).pupils).toHaveLength(2);
  };

  it('one for each combination of conditions, for all operations of one hash', async () => {
    const executor = executorOf();
    await askAll(executor);
    await askAll(executor);
    expect(planned).toHaveBeenCalledTimes(16);
  });

  it('A-45 and no more of them, whichever operation and combination they are for, than have room', async () => {
    const executor = executorOf({ maxPlanned: 2_000 });
    await askAll(executor);
    planned.mockClear();
    await ask(executor, BY_FOUR, combinations[15]);
    expect(planned).toHaveBeenCalledTimes(0);
    await askAll(executor);
    expect(planned).toHaveBeenCalledTimes(16);
    // One that is too long for all the room is made each time, and leaves the others.
    const long = `{ pupils { ${Array.from({ length: 200 }, (_, i) => `n${i}: name`).join(' ')} } }`;
    planned.mockClear();
    await ask(executor, long);
    await ask(executor, long);
    expect(planned).toHaveBeenCalledTimes(2);
    await ask(executor, BY_FOUR, combinations[15]);
    expect(planned).toHaveBeenCalledTimes(2);
  });
});
