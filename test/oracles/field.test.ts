/**
 * The field oracle (design/authorization.md, section 3, 1): random graph × caller × operation through the gateway, against a
 * reference evaluator that shares no code with it. Answers are compared whole; no subgraph may have been asked for a denied
 * field. `ORACLE_SEED=… ORACLE_SIZE=test|nightly npm run oracles` repeats a failure.
 */
import fc from 'fast-check';
import { buildSchema, type GraphQLSchema, parse, validate } from 'graphql';
import { composeGraph } from '../../gateway/schema/compose';
import { CAPABILITIES, LEVELS, type RandomGraph, randomGraph } from './field/random-graph';
import { type Answer, type RandomGateway, startRandomGateway } from './field/random-gateway';
import { type RandomOperation, randomOperation } from './field/random-operation';
import { Reading } from './field/reading';
import { atomsOf, type Expected, expectedAnswer, type Who } from './field/reference';
import { World } from './field/world';
import { choices, drawFrom, holds, ORACLE_TIMEOUT, sized } from './run';

/** A decision cache that forgets whose decision it was, when a test says so. */
const mockLeak = { isPlanted: false };
jest.mock('../../gateway/authorize', () => {
  const actual = jest.requireActual('../../gateway/authorize');
  return {
    ...actual,
    createAuthorizer: (options: object) => {
      const authorizer = actual.createAuthorizer(options);
      const remembered = new Map<string, unknown>();
      const authorize = (document: object, operationName: string, text: string, caller: object) => {
        if (!mockLeak.isPlanted) return authorizer.authorize(document, operationName, text, caller);
        const known = remembered.get(text) ?? authorizer.authorize(document, operationName, text, caller);
        remembered.set(text, known);
        return known;
      };
      return { ...authorizer, authorize };
    },
  };
});

interface Running {
  graph: RandomGraph;
  api: GraphQLSchema;
  reading: Reading;
  world: World;
  gateway: RandomGateway;
}

let running: (Running & { seed: number }) | undefined;
/** One at a time; shrinking asks the same one again. */
async function start(seed: number, planted?: (supergraph: string) => string): Promise<Running> {
  if (running?.seed === seed && !planted) return running;
  await running?.gateway.stop();
  const graph = randomGraph(seed);
  const gateway = await startRandomGateway(graph, planted);
  const reading = new Reading(Object.values(graph.sdls));
  running = { seed, graph, api: buildSchema(graph.api), reading, world: new World(graph), gateway };
  return running;
}
afterAll(() => running?.gateway.stop());

const who: fc.Arbitrary<Who> = fc.record({
  capabilities: fc.oneof(
    { weight: 2, arbitrary: fc.constant([...CAPABILITIES]) },
    { weight: 3, arbitrary: fc.subarray([...CAPABILITIES]) },
  ),
  level: fc.constantFrom(...LEVELS, 'district', 'district', 'teacher', 'partner'),
});
const asks = fc.array(fc.record({ drawn: choices, callers: fc.tuple(who, who) }), { minLength: 8, maxLength: 8 });

let subjects = 0;
const counts = { cases: 0, allowed: 0, filtered: 0, rejected: 0, byInput: 0 };

/** Whether the answer is right to the last value. The order of its keys is the planner's where nothing is denied below. */
async function check({ gateway, reading, world }: Running, operation: RandomOperation, caller: Who): Promise<void> {
  const asked = { ...operation, document: parse(operation.text) };
  const expected = expectedAnswer(reading, world, asked, caller);
  const { answer, fetched } = await gateway.ask(`s${++subjects}`, caller, operation);
  const seen = { data: answer.data, ...errorsOf(answer, expected) };
  const wanted = {
    data: JSON.parse(JSON.stringify(expected.data)),
    denied: expected.denied,
    inputs: inputsOf(expected),
    others: [],
  };
  expect({ ...seen, operation, caller }).toEqual({ ...wanted, operation, caller });
  const atoms = atomsOf(caller);
  const leaked = fetched.filter((coordinate) => {
    const [parent, field] = coordinate.split('.') as [string, string];
    return field !== '_entities' && parent !== '_Entity' && !reading.maySelect(parent, field, atoms);
  });
  expect({ leaked, operation, caller }).toEqual({ leaked: [], operation, caller });
  if (expected.isRejected) expect(fetched).toEqual([]);
  counts.cases++;
  counts.byInput += expected.inputs.length ? 1 : 0;
  counts[expected.isRejected ? 'rejected' : expected.denied.length ? 'filtered' : 'allowed']++;
}

/** The errors sorted by kind; what is none of ours stays in `others`. */
function errorsOf({ errors = [] }: Answer, expected: Expected) {
  const ours = errors.filter(({ extensions }) => extensions.code === 'UNAUTHORIZED_FIELD_OR_TYPE');
  const selections = ours.filter(({ extensions }) => !extensions.argumentPath);
  const inputs = ours.filter(({ extensions }) => extensions.argumentPath);
  const place = (path: string[] = []) => path.join('.');
  return {
    denied: selections.map(({ path }) => place(path)).sort(),
    inputs: [
      ...new Set(
        inputs.map(({ path, extensions }) => {
          const input = extensions.argumentPath!.filter((part) => part !== '@').join('.');
          // Where a fragment stands at several places, any of them names it.
          const named = expected.inputs.find((one) => one.input === input && one.places.includes(place(path)));
          return `${named?.places[0] ?? place(path)} ${input}`;
        }),
      ),
    ].sort(),
    others: errors.filter((error) => !ours.includes(error)),
  };
}

const inputsOf = ({ inputs }: Expected): string[] =>
  [...new Set(inputs.map(({ places, input }) => `${places[0]} ${input}`))].sort();

const property = (planted?: (supergraph: string) => string) =>
  fc.asyncProperty(fc.noShrink(fc.nat(2 ** 30)), asks, async (seed, all) => {
    const system = await start(seed, planted);
    for (const { drawn, callers } of all) {
      const operation = randomOperation(system.api, drawFrom(drawn));
      if (validate(system.api, parse(operation.text)).length) continue;
      // The same text for two callers, one after the other: neither gets what was decided for the other (attack 25).
      for (const caller of callers) await check(system, operation, caller);
    }
  });

test(
  'issue 2: random graph × caller × operation: the whole answer is that of the reference (A-11 A-13 A-14 A-15 A-16 A-17 A-18 A-21 A-22 A-23 A-25)',
  async () => {
    await holds(property(), sized(50, 450));
    expect(counts.cases).toBeGreaterThanOrEqual(sized(500, 5_000));
    for (const part of ['allowed', 'filtered', 'rejected', 'byInput'] as const)
      expect(counts[part]).toBeGreaterThan(counts.cases / 50);
  },
  ORACLE_TIMEOUT,
);

test('a rule on an interface fails the build: it would not hold for the objects behind it (A-12)', () => {
  const { sdls } = randomGraph(1);
  const students = sdls.students.replace(/interface (\w+)/, 'interface $1 @authenticated');
  expect(students).not.toBe(sdls.students);
  expect(() =>
    composeGraph([
      { name: 'students', sdl: students },
      { name: 'iep', sdl: sdls.iep },
    ]),
  ).toThrow(/cannot be applied on interface/);
});

describe('planted leaks are found', () => {
  test(
    'one field without its directive in the served supergraph',
    async () => {
      // Root fields are asked for most often.
      const withoutRule = (supergraph: string) => {
        const planted = supergraph.replace(
          /(type Query[^{]*\{[^}]*?) @requiresScopes\(scopes: \[\[[^)]*\)/,
          '$1 @authenticated',
        );
        return planted;
      };
      await expect(holds(property(withoutRule), 30, { shrink: false })).rejects.toThrow('ORACLE_SEED');
    },
    ORACLE_TIMEOUT,
  );

  test(
    'one decision remembered for everybody',
    async () => {
      mockLeak.isPlanted = true;
      try {
        await expect(holds(property(), 10, { shrink: false })).rejects.toThrow('ORACLE_SEED');
      } finally {
        mockLeak.isPlanted = false;
      }
    },
    ORACLE_TIMEOUT,
  );
});
