import { GraphQLError } from 'graphql';
import { ask, askRaw, executorOf } from './ask.fixture';
import { type Subgraphs, subgraphs } from './subgraphs.fixture';

/** Pupils and their desks of one subgraph, meals of the other. */
const school = (): Subgraphs =>
  subgraphs({
    rooms: {
      sdl: `
        type Query { pupils: [Pupil!]! pupil(id: ID!): Pupil desks: [Desk!] }
        type Mutation { seat(id: ID!): Pupil }
        type Pupil @key(fields: "id") { id: ID! name: String weight: Int mood: Mood buddy: Pupil }
        type Desk { number: Int pupil: Pupil }
        enum Mood { GLAD SAD @inaccessible }`,
      resolvers: {
        Query: {
          pupils: () => ['1', '2'].map(pupil),
          pupil: (_: unknown, { id }: { id: string }) => pupil(id),
          desks: () => [
            { number: 7, pupil: pupil('2') },
            { number: 8, pupil: pupil('3') },
          ],
        },
        Mutation: { seat: (_: unknown, { id }: { id: string }) => pupil(id) },
        Pupil: { buddy: () => pupil('2'), __resolveReference: ({ id }: { id: string }) => pupil(id) },
      },
    },
    meals: {
      sdl: `
        type Mutation { serve(id: ID!): Pupil }
        type Pupil @key(fields: "id") {
          id: ID! weight: Int @external
          meal: String! portion: Int @requires(fields: "weight") allergy(of: String): String
        }`,
      resolvers: {
        Mutation: { serve: (_: unknown, { id }: { id: string }) => ({ id }) },
        Pupil: {
          __resolveReference: (given: { id: string }) => (given.id === '9' ? null : given),
          meal: ({ id }: { id: string }) => `meal ${id}`,
          portion: ({ weight }: { weight: number }) => weight * 10,
          allergy: ({ id }: { id: string }) => {
            throw new GraphQLError(`no allergies of ${id}`, { extensions: { code: 'NOT_FOUND' } });
          },
        },
      },
    },
  });
const pupil = (id: string) => ({ id, name: `pupil ${id}`, weight: Number(id), mood: id === '1' ? 'SAD' : 'GLAD' });

describe('errors of subgraphs', () => {
  it('keep their code and stand at the place that the client knows', async () => {
    const { data, errors } = await ask(executorOf(school()), '{ all: pupils { name sick: allergy } }');
    expect(data.all).toEqual([
      { name: 'pupil 1', sick: null },
      { name: 'pupil 2', sick: null },
    ]);
    expect(errors.map(({ path, extensions }) => [path, extensions?.code])).toEqual([
      [['all', 0, 'sick'], 'NOT_FOUND'],
      [['all', 1, 'sick'], 'NOT_FOUND'],
    ]);
  });

  it.each([
    ['throws', { send: () => Promise.reject(new Error('connect 10.0.0.1')) }],
    ['answers no JSON', { send: async () => ({ status: 502, body: '<html>' }) }],
    ['answers for too few entities', { send: async () => ({ status: 200, body: '{"data":{"_entities":[]}}' }) }],
    ['never answers', { send: () => new Promise<never>(() => {}) }],
  ])('a subgraph that %s leaves null and one coded error for its fields, the rest stays', async (_case, meals) => {
    const graph = school();
    const failures: string[] = [];
    const executor = executorOf(graph, {
      transports: { ...graph.transports, meals },
      timeoutMs: 50,
    });
    const { data, errors } = await ask(executor, '{ pupils { name portion } }', {
      onFailure: (subgraph) => failures.push(subgraph),
    });
    expect(data).toEqual({
      pupils: [
        { name: 'pupil 1', portion: null },
        { name: 'pupil 2', portion: null },
      ],
    });
    expect(errors).toMatchObject([{ path: ['pupils', '@', 'portion'], extensions: { code: 'INTERNAL' } }]);
    expect(JSON.stringify(errors)).not.toContain('10.0.0.1');
    expect(failures).toEqual(['meals']);
  });

  it('a caller who can’t take the reason gets the fault of its own, and nobody waits', async () => {
    const executor = executorOf(school(), { transports: {} });
    const asked = ask(executor, '{ pupils { name } }', { onFailure: () => BigInt('the log is full') });
    await expect(asked).rejects.toThrow('the log is full');
  });

  it('fields that stand under fragments and conditions get their errors as well', async () => {
    const graph = school();
    const meals = { send: () => Promise.reject(new Error('down')) };
    const conditions = ['a', 'b', 'c', 'd', 'e'];
    const text = `query(${conditions.map((name) => `$${name}: Boolean = true`).join(', ')}) {
      pupils { ${conditions.map((name) => `... @include(if: $${name}) { ... on Pupil { ${name}: portion } }`).join(' ')} }
    }`;
    const executor = executorOf(graph, { transports: { ...graph.transports, meals } });
    const { data, errors } = await ask(executor, text);
    expect(data.pupils[1]).toEqual({ a: null, b: null, c: null, d: null, e: null });
    expect(errors.map(({ path }) => path)).toEqual(conditions.map((name) => ['pupils', '@', name]));
  });

  it('a missing non-null value empties what is around it, with one error', async () => {
    const { data, errors } = await ask(
      executorOf(school()),
      '{ pupil(id: "9") { name meal } other: pupil(id: "1") { meal } }',
    );
    expect(data).toEqual({ pupil: null, other: { meal: 'meal 1' } });
    expect(errors.map(({ path }) => path)).toEqual([['pupil', 'meal']]);
  });

  it('a failed subgraph says why a non-null value is missing: no second error', async () => {
    const graph = school();
    const meals = { send: () => Promise.reject(new Error('down')) };
    const { data, errors } = await ask(
      executorOf(graph, { transports: { ...graph.transports, meals } }),
      '{ pupil(id: "1") { meal } }',
    );
    expect(data).toEqual({ pupil: null });
    expect(errors.map(({ path }) => path)).toEqual([['pupil', 'meal']]);
  });

  it('an enum value that clients do not know is null with an error', async () => {
    const { data, errors } = await ask(executorOf(school()), '{ pupils { mood } }');
    expect(data).toEqual({ pupils: [{ mood: null }, { mood: 'GLAD' }] });
    expect(errors.map(({ path }) => path)).toEqual([['pupils', 0, 'mood']]);
    expect(JSON.stringify(errors)).not.toContain('SAD');
  });
});

describe('calls', () => {
  it('asks for an entity once, wherever it stands in the answer', async () => {
    const graph = school();
    const { data } = await ask(executorOf(graph), '{ pupils { meal buddy { meal } } desks { pupil { meal } } }');
    expect(data.pupils).toEqual([1, 2].map((id) => ({ meal: `meal ${id}`, buddy: { meal: 'meal 2' } })));
    const meals = graph.sent.filter(({ subgraph }) => subgraph === 'meals');
    expect(meals).toHaveLength(1);
    expect(meals[0]!.variables.representations.map(({ id }: { id: string }) => id).sort()).toEqual(['1', '2', '3']);
  });

  it('ask of an object what is wanted of its type, not what is wanted of another at the same place', async () => {
    const coat = ({ id }: { id: string }) => ({ id, hook: 5 });
    const color = ({ id }: { id: string }) => {
      if (id !== 'guest') throw new Error(`nobody wants the color of the coat of a ${id}`);
      return 'red';
    };
    const graph = subgraphs({
      hall: {
        sdl: `
          type Query { visitors: [Visitor!]! }
          union Visitor = Guest | Member
          type Guest { coat: Coat }
          type Member { coat: Coat }
          type Coat @key(fields: "id") { id: ID! }`,
        resolvers: {
          Query: { visitors: () => ['Guest', 'Member'].map((type) => ({ __typename: type, type })) },
          Guest: { coat: () => ({ id: 'guest' }) },
          Member: { coat: () => ({ id: 'member' }) },
        },
      },
      colors: {
        sdl: 'type Coat @key(fields: "id") { id: ID! color: String }',
        resolvers: { Coat: { __resolveReference: coat, color } },
      },
      hooks: {
        sdl: 'type Coat @key(fields: "id") { id: ID! hook: Int }',
        resolvers: { Coat: { __resolveReference: coat } },
      },
    });
    const text = '{ visitors { ... on Guest { coat { color } } ... on Member { coat { hook } } } }';
    const { data, errors } = await ask(executorOf(graph), text);
    expect([data, errors]).toEqual([{ visitors: [{ coat: { color: 'red' } }, { coat: { hook: 5 } }] }, []]);
  });

  it('carry the headers of their caller, and no caller gets what another asked for', async () => {
    const graph = school();
    const executor = executorOf(graph);
    const names = ['anna', 'ben'];
    await Promise.all(
      names.map((name) =>
        ask(executor, '{ pupils { meal } }', { headers: (subgraph) => ({ 'x-who': `${name} ${subgraph}` }) }),
      ),
    );
    expect(graph.sent.map(({ headers }) => headers['x-who']).sort()).toEqual([
      'anna meals',
      'anna rooms',
      'ben meals',
      'ben rooms',
    ]);
  });

  it('end when the client is gone', async () => {
    const graph = school();
    const gone = new AbortController();
    const rooms = {
      send: () => {
        gone.abort(new Error('gone'));
        return new Promise<never>(() => {});
      },
    };
    const executor = executorOf(graph, { transports: { ...graph.transports, rooms } });
    const { data, errors } = await ask(executor, '{ pupils { meal } }', { signal: gone.signal });
    expect([data, errors.length, graph.sent]).toEqual([null, 1, []]);
  });

  it('of a mutation go one after another, in its order', async () => {
    const graph = school();
    const { data } = await ask(
      executorOf(graph),
      'mutation { a: serve(id: "1") { name } b: seat(id: "2") { meal } c: serve(id: "3") { id } }',
    );
    expect(data).toEqual({ a: { name: 'pupil 1' }, b: { meal: 'meal 2' }, c: { id: '3' } });
    const fields = graph.sent.map(({ query }) => /(serve|seat)\(/.exec(query)?.[1]).filter(Boolean);
    expect(fields).toEqual(['serve', 'seat', 'serve']);
  });
});

describe('what a client may name', () => {
  it('an alias does not forge the input of @requires', async () => {
    const graph = school();
    const { data } = await ask(
      executorOf(graph),
      '{ pupil(id: "2") { weight: id portion } again: pupil(id: "2") { id: name meal } }',
    );
    expect(data).toEqual({ pupil: { weight: '2', portion: 20 }, again: { id: 'pupil 2', meal: 'meal 2' } });
  });

  it('A-51 names of every object are names like others', async () => {
    const text = '{ __proto__: pupils { constructor: name toString: meal hasOwnProperty: portion __proto__: id } }';
    const answer = await askRaw(executorOf(school()), text);
    expect(answer.errors).toEqual([]);
    expect(answer.data.toString()).toBe(
      '{"__proto__":[{"constructor":"pupil 1","toString":"meal 1","hasOwnProperty":10,"__proto__":"1"},{"constructor":"pupil 2","toString":"meal 2","hasOwnProperty":20,"__proto__":"2"}]}',
    );
  });

  it('A-51 keys of a subgraph change no object but its own', async () => {
    const graph = school();
    const body =
      '{"data":{"__proto__":{"polluted":1},"pupils":[{"__proto__":{"name":"x"},"constructor":{"name":"y"}}]}}';
    const rooms = { send: async () => ({ status: 200, body }) };
    const { data } = await ask(
      executorOf(graph, { transports: { ...graph.transports, rooms } }),
      '{ pupils { name } }',
    );
    expect(data).toEqual({ pupils: [{ name: null }] });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('a variable that would stand for the entities is refused', async () => {
    const text = 'query($representations: String) { pupils { allergy(of: $representations) } }';
    await expect(ask(executorOf(school()), text)).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('conditions decide what is fetched', async () => {
    const graph = school();
    const executor = executorOf(graph);
    const text = 'query($more: Boolean = false) { pupils { name meal @include(if: $more) } }';
    const few = await ask(executor, text);
    expect([few.data.pupils[0], graph.sent.length]).toEqual([{ name: 'pupil 1' }, 1]);
    const more = await ask(executor, text, { variables: { more: true } });
    expect([more.data.pupils[0], graph.sent.length]).toEqual([{ name: 'pupil 1', meal: 'meal 1' }, 3]);
    await expect(ask(executor, text, { variables: { more: null } })).rejects.toThrow('true or false');
  });
});

describe('@fromContext', () => {
  it('gives each object the value from above it', async () => {
    const graph = subgraphs({
      a: {
        sdl: `
          type Query { classes: [Class!]! }
          type Class @key(fields: "id") @context(name: "class") { id: ID! language: String! pupils: [Child!]! }
          type Child @key(fields: "id") { id: ID! greeting(in: String @fromContext(field: "$class { language }")): String! }`,
        resolvers: {
          Query: {
            classes: () =>
              ['en', 'fr'].map((language) => ({ id: language, language, pupils: [{ id: '1' }, { id: '2' }] })),
          },
          Child: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            greeting: ({ id }: { id: string }, args: { in: string }) => `${args.in} ${id}`,
          },
        },
      },
      b: { sdl: 'type Child @key(fields: "id") { id: ID! age: Int }' },
    });
    const { data, errors } = await ask(executorOf(graph), '{ classes { pupils { greeting } } }');
    expect(errors).toEqual([]);
    expect(data.classes).toEqual(
      ['en', 'fr'].map((language) => ({ pupils: [1, 2].map((id) => ({ greeting: `${language} ${id}` })) })),
    );
  });
});
