import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { execute, type ExecutionResult, parse, validate } from 'graphql';
import { CompiledQuery, Uncommon } from './compiled-query';
import { Operation } from './operation';

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  scalar Day
  enum Area { MATH READING }
  interface Named { name: String }
  type Query {
    person(id: ID = "p1"): Person
    people(first: Int! = 3, areas: [Area!]): [Person!]
    anything(late: Boolean): Thing
    named(late: Boolean): [Named]
    broken: Person!
    failing: [Person]
    failingLater: [Person]
    planned: Planned
    set: [String]
    number: Int
  }
  type Mutation { change: String }
  union Thing = Person | Plan
  union Planned = Plan
  type Person implements Named @key(fields: "id") {
    id: ID!
    name: String
    born: Day
    area: Area
    friend(late: Boolean, fails: Boolean): Person
    friends: [Person]
    plan: Plan
    must(missing: Boolean): String!
    place: String
    scores: [[Int]]
    echo(day: Day, list: [Int!] = [1, 2], text: String): String
  }
  type Plan implements Named { name: String goals(first: Int): [String!]! owner: Person! }
`);

interface Row {
  id: string;
  name: string | null;
  kind: 'Person' | 'Plan';
}
const person = (n: number): Row & Record<string, unknown> => ({
  ...{ id: `p${n}`, kind: 'Person' as const, name: n % 3 ? `Name ${n}` : null },
  ...{ born: n % 4 ? '2015-03-08' : null, area: n % 2 ? 'MATH' : 'READING' },
  // As a method of the row, and as a promise in it.
  scores: () => [[n, null], null, [1.0]],
  plan: Promise.resolve({ kind: 'Plan', name: `Plan ${n}`, id: `plan${n}` }),
});
const later = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(value)));
const numberOf = ({ id }: Row): number => Number(/\d+/.exec(id)![0]);

interface Context {
  calls: string[];
}
const schema = buildSubgraphSchema({
  typeDefs,
  resolvers: {
    Day: { __parseValue: String } as never,
    Query: {
      person: (_: unknown, { id }: { id: string }) => (id === 'none' ? null : person(Number(id.slice(1)))),
      people: async (_: unknown, { first, areas }: { first: number; areas?: string[] }) => {
        const all = Array.from({ length: first }, (_none, i) => person(i));
        return all
          .filter(({ area }) => !areas || areas.includes(area as string))
          .map((one, i) => (i % 2 ? later(one) : one));
      },
      anything: (_: unknown, args: { late?: boolean }) =>
        args.late ? later(person(1)) : { kind: 'Plan', name: 'P', id: 'plan1' },
      named: (_: unknown, args: { late?: boolean }) => [
        person(1),
        null,
        { kind: 'Plan', name: 'Q', id: 'plan2', ...args },
      ],
      broken: () => null,
      failing: () => [{}, Promise.reject(new Error('later'))],
      failingLater: async () => {
        await later(null);
        return [Promise.reject(new Error('later'))];
      },
      planned: () => person(1),
      set: () => new Set(['a', 'b']),
      number: () => 'seven',
    },
    Mutation: { change: () => 'changed' },
    Thing: { __resolveType: ({ kind }: Row) => kind },
    Planned: { __resolveType: ({ kind }: Row) => kind },
    Named: { __resolveType: (row: Row & { late?: boolean }) => (row.late ? later(row.kind) : row.kind) },
    Person: {
      __resolveReference: ({ id }: Row) =>
        id === 'text' ? 'no object' : id === 'p9' ? null : later(person(numberOf({ id } as Row))),
      friend: (row: Row, { late, fails }: { late?: boolean; fails?: boolean }, context: Context) => {
        context.calls.push(row.id);
        if (fails) throw new Error(`no friend of ${row.id}`);
        const friend = numberOf(row) > 5 ? null : person(numberOf(row) + 1);
        return late ? later(friend) : friend;
      },
      friends: async (row: Row) => [later(person(numberOf(row) + 1)), null, later(null), person(7)],
      must: (row: Row, { missing }: { missing?: boolean }) => (missing && numberOf(row) % 2 ? null : 'there'),
      place: (_row: Row, _args: object, _context: Context, { path }: { path: { key: string | number } }) =>
        String(path.key),
      echo: (row: Row, args: object) => JSON.stringify([row.id, args]),
    },
    Plan: {
      goals: (_row: Row, { first = 2 }: { first?: number }) =>
        later(Array.from({ length: first }, (_none, i) => `goal ${i}`)),
      owner: (row: Row) => person(numberOf(row)),
    },
  } as never,
});

/** What graphql-js answers, and what the operation does, as they leave. */
async function both(text: string, variables?: Record<string, unknown>, operationName?: string) {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = new Operation(schema, document);
  const input = { query: text, variables, operationName };
  // What came once is not compiled yet.
  await operation.execute(() => ({ calls: [] }), input);
  const contexts: Context[] = [];
  const begin = (): Context => contexts[contexts.push({ calls: [] }) - 1]!;
  const [context, ours] = await operation.execute(begin, input);
  const plain = await execute({
    ...{ schema, document, variableValues: variables, operationName, contextValue: { calls: [] } },
  });
  return { ours: written(ours), plain: written(plain), runs: contexts.length, isLast: contexts.at(-1) === context };
}
const written = (result: ExecutionResult): unknown => JSON.parse(JSON.stringify(result));

type Case = [name: string, text: string, variables?: Record<string, unknown>, operationName?: string];
const cases = (rows: Case[]) =>
  rows.map(([name, text, variables, operationName]) => ({ name, text, variables, operationName }));

describe('queries that are executed compiled', () => {
  test.each(
    cases([
      [
        'leaves, null, aliases, the type',
        '{ person { id other: name __typename born area } none: person(id: "none") { id } }',
      ],
      [
        'fragments within fragments',
        'query { person { ...A ... on Named { name } } } fragment A on Person { id ...B } fragment B on Named { name ... { x: __typename } }',
      ],
      ['one field in two places', '{ person { friend { id } friend { name } ... on Person { friend { born } } } }'],
      [
        'a list that comes late, with items that come later',
        '{ people { id name friend(late: true) { id friends { id plan { name goals } } } } }',
      ],
      [
        'a union, at once and late',
        '{ a: anything { __typename ... on Person { id } ... on Plan { name goals(first: 1) owner { id } } } b: anything(late: true) { ... on Person { id } } }',
      ],
      ['a type that comes late', '{ named(late: true) { name ... on Plan { goals } } }'],
      ['an interface', '{ named { name ... on Plan { goals } ... on Person { area } } }'],
      [
        'entities',
        'query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Person { id friend { id } } } }',
        {
          r: [
            { __typename: 'Person', id: 'p2' },
            { __typename: 'Person', id: 'p9' },
          ],
        },
      ],
      [
        'variables and their defaults',
        'query($first: Int! = 2, $area: [Area!], $day: Day, $none: String) { people(first: $first, areas: $area) { echo(day: $day, text: $none) } }',
        { area: ['MATH'], day: '2026-01-02' },
      ],
      [
        'no entities, under another name, twice',
        'query($r: [_Any!]!, $s: [_Any!]!) { none: _entities(representations: $r) { __typename } _entities(representations: $s) { ... on Person { id } } _entities(representations: $s) { ... on Person { name } } }',
        { r: [], s: [{ __typename: 'Person', id: 'p4' }] },
      ],
      ['lists of lists from a method of the row', '{ person { scores } }'],
      ['the fields of a plan that is a promise in the row', '{ person { plan { name owner { id } } } }'],
    ]),
  )('$name: as graphql-js answers, at the first attempt', async ({ text, variables }) => {
    const { ours, plain, runs } = await both(text, variables);
    expect([JSON.stringify(ours), runs]).toEqual([JSON.stringify(plain), 1]);
    expect(plain).not.toHaveProperty('errors');
  });

  test.each(
    cases([
      ['a resolver that fails', '{ person { friend { friend(fails: true) { id } name } } }'],
      ['nothing where something must be', '{ people { id must(missing: true) } broken { id } }'],
      ['a value that its type refuses', '{ number }'],
      ['a type that may not stand there', '{ planned { __typename } }'],
      ['a list that is no array', '{ set }'],
      ['a resolver that asks where it is', '{ people { place } }'],
      ['a variable that is refused', 'query($first: Int!) { people(first: $first) { id } }', { first: 'many' }],
      ['one of several operations', 'query A { person { id } } query B { person { name } }', {}, 'B'],
      ['no name among several', 'query A { person { id } } query B { person { name } }'],
      ['a name that nothing has', 'query A { person { id } }', {}, 'Z'],
      [
        '@skip and @include',
        'query($yes: Boolean!) { person { id @skip(if: $yes) name @include(if: $yes) } }',
        { yes: true },
      ],
      ...['Nothing', 'Plan', 'Thing', 'Named', '__proto__', null, 7].map((type): Case => [
        `a representation of ${type}`,
        'query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Person { id } } }',
        {
          r: [
            { __typename: 'Person', id: 'p2' },
            { __typename: type, name: 'N' },
          ],
        },
      ]),
      [
        'an entity that is no object',
        'query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { name } } }',
        { r: [{ __typename: 'Person', id: 'text' }] },
      ],
      ...[null, 'Person', 7, ['Person'], {}].map((one): Case => [
        `${JSON.stringify(one)} for a representation`,
        'query($r: [_Any!]!) { _entities(representations: $r) { __typename } }',
        { r: [one] },
      ]),
      ['a key that objects have', '{ __proto__: person { id } person { constructor: id toString: name } }'],
      ['a mutation', 'mutation { change }'],
      ['introspection', '{ __schema { queryType { name } } _service { sdl } }'],
    ]),
  )('$name: as graphql-js answers', async ({ text, variables, operationName }) => {
    const { ours, plain, isLast } = await both(text, variables, operationName);
    expect(JSON.stringify(ours)).toEqual(JSON.stringify(plain));
    // The context of the answer is that of the execution that made it: what it disclosed is what goes on record.
    expect(isLast).toBe(true);
  });

  test('what fails again and again rests longer each time, and is compiled again once it goes well', async () => {
    const text = 'query($id: ID, $fails: Boolean) { person(id: $id) { friend(fails: $fails) { id } } }';
    const operation = new Operation(schema, parse(text));
    const runs = async (fails: boolean): Promise<number> => {
      let begun = 0;
      const [, result] = await operation.execute(() => ({ calls: [], n: begun++ }), {
        query: text,
        variables: { id: 'p1', fails },
      });
      expect(result.errors !== undefined).toBe(fails);
      return begun;
    };
    expect(await runs(false)).toBe(1);
    const failing: number[] = [];
    for (let i = 0; i < 16; i++) failing.push(await runs(true));
    expect(failing.join('')).toBe('2121121111211111'.slice(0, 16));
    for (let i = 0; i < 16; i++) await runs(false);
    expect([await runs(true), await runs(true), await runs(true)]).toEqual([2, 1, 2]);
  });

  test('what is for graphql-js alone is not compiled', () => {
    for (const text of [
      'mutation { change }',
      '{ person { id @skip(if: true) } }',
      '{ __schema { queryType { name } } }',
    ])
      expect(() => new CompiledQuery(schema, parse(text), new Set())).toThrow(Uncommon);
  });

  test('a query that has an effect is executed once, whatever else of it fails', async () => {
    const text = '{ person { friend(fails: true) { id } } number }';
    const operation = new Operation(schema, parse(text), new Set(['Person.friend']));
    for (let use = 0; use < 3; use++) {
      const contexts: Context[] = [];
      const [{ calls }, { errors }] = await operation.execute(() => contexts[contexts.push({ calls: [] }) - 1]!, {
        query: text,
      });
      expect([contexts.length, calls, errors?.length]).toEqual([1, ['p1'], 2]);
    }
  });

  test('of a list in which one fails at once, what fails later ends nothing', async () => {
    const { ours, plain, runs } = await both('{ failing { id } }');
    await later(null);
    expect([JSON.stringify(ours), runs]).toEqual([JSON.stringify(plain), 2]);
    expect(plain).toMatchObject({ data: { failing: [null, null] } });
  });

  test('after a failure, what fails of what comes later ends nothing', async () => {
    const { ours, plain, runs } = await both('{ person { friend(fails: true) { id } } failingLater { id } }');
    await later(null);
    expect([JSON.stringify(ours), runs]).toEqual([JSON.stringify(plain), 2]);
    expect(plain).toMatchObject({ data: { person: { friend: null }, failingLater: [null] } });
  });
});

const LEAVES = {
  Person: [
    'id',
    'name',
    'born',
    'area',
    'scores',
    '__typename',
    'must',
    'x: must(missing: true)',
    'place',
    'echo(list: [3])',
  ],
  Plan: ['name', 'goals', 'y: goals(first: 1)', '__typename'],
};
const BELOW = {
  Person: [
    ['friend', 'Person'],
    ['z: friend(late: true)', 'Person'],
    ['f: friend(fails: true)', 'Person'],
    ['friends', 'Person'],
    ['plan', 'Plan'],
    ['... on Named { name } ... on Person', 'Person'],
  ],
  Plan: [
    ['owner', 'Person'],
    ['... on Plan', 'Plan'],
  ],
} as const;

/** Selections on a type, at random: what they ask for is there or missing, at once or late, or fails. */
function selectionOf(type: 'Person' | 'Plan', depth: number): fc.Arbitrary<string> {
  const leaf = fc.constantFrom(...LEAVES[type]);
  const below = BELOW[type].map(([field, of]) =>
    depth > 0 ? selectionOf(of, depth - 1).map((selection) => `${field} ${selection}`) : leaf,
  );
  return fc
    .uniqueArray(fc.oneof({ weight: 4, arbitrary: leaf }, ...below), { minLength: 1, maxLength: 4 })
    .map((fields) => `{ ${fields.join(' ')} }`);
}

test('random queries: data and errors of graphql-js', async () => {
  let once = 0;
  const root = fc.oneof(
    selectionOf('Person', 3).map((selection) => `person(id: "p3") ${selection}`),
    selectionOf('Person', 2).map((selection) => `people(first: 4) ${selection}`),
    selectionOf('Plan', 2).map((selection) => `anything { ... on Plan ${selection} ... on Person { id } }`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(root, { minLength: 1, maxLength: 2 }), async (roots) => {
      const text = `{ ${roots.map((one, i) => `r${i}: ${one}`).join(' ')} }`;
      if (validate(schema, parse(text)).length > 0) return;
      const { ours, plain, runs } = await both(text);
      expect(JSON.stringify(ours)).toEqual(JSON.stringify(plain));
      if (runs === 1) once++;
    }),
    { numRuns: process.env.ORACLE_SIZE === 'nightly' ? 5_000 : 300 },
  );
  expect(once).toBeGreaterThan(50);
});
