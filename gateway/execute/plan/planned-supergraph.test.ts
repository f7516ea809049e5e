import { ask, executorOf } from './ask.fixture';
import { subgraphs } from './subgraphs.fixture';

const byId = ({ id }: { id: string }) => ({ id });
/** A loaf weighs 500 g or 18 oz. */
const weight = (_: unknown, { unit }: { unit: string }) => (unit === 'OUNCE' ? 18 : 500);
const given = (loaf: object) => loaf;

const bakery = () =>
  subgraphs({
    shop: {
      sdl: `
        enum Unit { GRAM OUNCE }
        type Query { loaves: [Loaf!]! }
        type Loaf @key(fields: "id") { id: ID! weight(unit: Unit! = GRAM): Int box: Box flour: String }
        type Box { side(unit: String!): Int }`,
      resolvers: {
        Query: { loaves: () => [{ id: '1' }, { id: '2' }] },
        Loaf: { __resolveReference: byId, weight, box: () => ({}), flour: () => 'rye' },
        Box: { side: (_: unknown, args: { unit: string }) => (args.unit === 'mm' ? 300 : 30) },
      },
    },
    labels: {
      sdl: `
        enum Unit { GRAM OUNCE }
        type Loaf @key(fields: "id") {
          id: ID!
          weight(unit: Unit! = GRAM): Int @external
          box: Box @external
          flour: String @external
          metric(mark: String): String @requires(fields: "weight(unit: GRAM) flour")
          imperial(mark: String): String @requires(fields: "weight(unit: OUNCE) flour")
          usual: String @requires(fields: "weight")
          metricBox: String @requires(fields: "box { side(unit: \\"mm\\") } weight(unit: GRAM)")
          imperialBox: String @requires(fields: "box { side(unit: \\"cm\\") }")
          plain: String @requires(fields: "flour")
        }
        type Box @external { side(unit: String!): Int }`,
      resolvers: {
        Loaf: {
          __resolveReference: given,
          metric: (loaf: { weight: number }, { mark = '' }) => `${loaf.weight} g${mark}`,
          imperial: (loaf: { weight: number }, { mark = '' }) => `${loaf.weight} oz${mark}`,
          usual: (loaf: { weight: number }) => `${loaf.weight}`,
          metricBox: (loaf: { weight: number; box: { side: number } }) => `${loaf.box.side} mm, ${loaf.weight} g`,
          imperialBox: (loaf: { box: { side: number } }) => `${loaf.box.side} cm`,
          plain: (loaf: { flour: string }) => loaf.flour,
        },
      },
    },
  });

describe('a field that is required with different arguments', () => {
  const LOAF = {
    metric: '500 g',
    imperial: '18 oz',
    usual: '500',
    metricBox: '300 mm, 500 g',
    imperialBox: '30 cm',
    plain: 'rye',
  };
  const executor = executorOf(bakery());

  it.each(Object.keys(LOAF) as (keyof typeof LOAF)[])(
    'gives %s what it requires, asked for with any other',
    async (name) => {
      for (const other of Object.keys(LOAF) as (keyof typeof LOAF)[]) {
        const { data, errors } = await ask(executor, `{ loaves { ${other} ${name} } }`);
        expect(errors).toEqual([]);
        const loaf = { [other]: LOAF[other], [name]: LOAF[name] };
        expect(data).toEqual({ loaves: [loaf, loaf] });
      }
    },
  );

  it('all together, in calls that differ in what they are told of the loaf', async () => {
    const graph = bakery();
    const { data, errors } = await ask(executorOf(graph), `{ loaves { ${Object.keys(LOAF).join(' ')} } }`);
    expect(errors).toEqual([]);
    expect(data).toEqual({ loaves: [LOAF, LOAF] });
    const told = graph.sent.filter(({ subgraph }) => subgraph === 'labels').map(({ variables }) => variables);
    expect(told.map(({ representations: [loaf] }) => loaf.weight).sort()).toEqual([18, 500, 500]);
    expect(JSON.stringify(told)).not.toMatch(/"[^"]+_(weight|side)"/);
  });

  it('beside the same field as the client wants it, and with variables of which each call needs its own', async () => {
    const text = `query($a: String, $b: String) {
      loaves { weight(unit: OUNCE) metric(mark: $a) other: weight ... @include(if: true) { imperial(mark: $b) } }
    }`;
    const { data, errors } = await ask(executor, text, { variables: { a: '!', b: '?' } });
    expect(errors).toEqual([]);
    expect(data.loaves[1]).toEqual({ weight: 18, metric: '500 g!', other: 500, imperial: '18 oz?' });
  });

  it('clients are shown none of what the planner is shown', async () => {
    expect(Object.keys((executor.schema.getType('Loaf') as any).getFields()).sort()).toEqual(
      ['box', 'flour', 'id', 'weight', ...Object.keys(LOAF)].sort(),
    );
  });

  it('an error of one stands at the object, and the fields that do not need it have their values', async () => {
    const graph = bakery();
    const shop = {
      send: async (...args: Parameters<(typeof graph.transports)['shop']['send']>) => {
        const { body } = await graph.transports.shop!.send(...args);
        const answer = JSON.parse(body);
        const [key] = Object.keys(answer.data.loaves[0]).filter((one) => answer.data.loaves[0][one] === 18);
        for (const loaf of answer.data.loaves) loaf[key!] = null;
        return {
          status: 200,
          body: JSON.stringify({ ...answer, errors: [{ message: 'no scale', path: ['loaves', 0, key] }] }),
        };
      },
    };
    const broken = executorOf(graph, { transports: { ...graph.transports, shop } });
    const { data, errors } = await ask(broken, '{ loaves { metric imperial } }');
    expect(data.loaves[0]).toEqual({ metric: '500 g', imperial: 'null oz' });
    expect(errors).toMatchObject([{ message: 'no scale', path: ['loaves', 0] }]);
  });
});

it('a subgraph is given inputs by a key under which it finds something', async () => {
  const graph = subgraphs({
    names: {
      sdl: 'type Bun @key(fields: "id") { id: ID! name: String }',
      resolvers: { Bun: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `bun ${id}` }) } },
    },
    signs: {
      sdl: `
        type Query { buns: [Bun!]! }
        type Bun @key(fields: "shelf", resolvable: false) @key(fields: "id shelf") {
          id: ID! shelf: Int! name: String @external sign: String @requires(fields: "name")
        }`,
      resolvers: {
        Query: { buns: () => [{ id: '1', shelf: 7 }] },
        Bun: {
          __resolveReference: (bun: { id?: string }) => (bun.id ? bun : null),
          sign: ({ name }: { name: string }) => name.toUpperCase(),
        },
      },
    },
  });
  const { data, errors } = await ask(executorOf(graph), '{ buns { sign } }');
  expect([data, errors]).toEqual([{ buns: [{ sign: 'BUN 1' }] }, []]);
});

it('what nobody can be asked for is an error, not null', async () => {
  const graph = subgraphs({
    a: {
      sdl: `
        type Query { thing: Thing bun: Int }
        interface Thing @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { bun: () => 1 } },
    },
    b: {
      sdl: `
        type Query { other: Thing }
        type Thing @key(fields: "id", resolvable: false) @interfaceObject { id: ID! size: Int }`,
      resolvers: { Query: { other: () => ({ id: '1', size: 3 }) } },
    },
  });
  const executor = executorOf(graph);
  await expect(ask(executor, '{ thing { size } }')).rejects.toThrow('thing');
  await expect(ask(executor, 'query { bun ...on Query { thing { size } } }')).rejects.toThrow('thing');
  expect(await ask(executor, '{ bun other { size } }')).toEqual({ data: { bun: 1, other: { size: 3 } }, errors: [] });
});
