import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { parse } from 'graphql';
import { DEFAULT_LIMITS, OperationLimits } from '../limits';
import { composeGraph } from '../schema/compose';
import { costOf, costWith } from './operation-cost';
import { readSchemaCosts } from './schema-costs';

const HEADER = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@cost", "@listSize"])`;
const PAGE = `@listSize(assumedSize: 25, slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)`;
const SDL = `${HEADER}
type Query @authenticated {
  student(id: ID!): Student
  students(first: Int = 25, last: Int): StudentConnection ${PAGE}
  count(by: String @cost(weight: 7)): Count @cost(weight: 2000)
  forms: [Form!] @listSize(assumedSize: 10)
}
type Mutation @authenticated { rename(id: ID!): Student  render(id: ID!): Student @cost(weight: 100) }
type StudentConnection @authenticated { nodes: [Student!]! edges: [Edge!]! totalCount: Int! @cost(weight: 10) }
type Edge @authenticated { cursor: String! node: Student! }
type Student @key(fields: "id") @authenticated {
  id: ID! name: String services: [Service!] history(first: Int, last: Int): StudentConnection ${PAGE}
}
type Service @authenticated @cost(weight: 3) { id: ID! }
type Count @authenticated { total: Int }
interface Form { id: ID! }
type Notes implements Form @authenticated { id: ID! }
type Placement implements Form @authenticated @cost(weight: 4) { id: ID! services: [Service!] }
`;
const costs = readSchemaCosts(composeGraph([{ name: 'students', sdl: SDL }]).supergraph);
const cost = (text: string, variables?: unknown): number => costWith(costOf(parse(text), costs), variables);

describe('the cost of an operation, worked out by hand', () => {
  test.each<[string, number]>([
    ['{ __typename }', 0],
    // One object; its leaves are free.
    ['{ student(id: 1) { id name } }', 1],
    // A list of unknown size is 5, a service weighs 3.
    ['{ student(id: 1) { services { id } } }', 1 + 5 * 3],
    // The page, and 25 students.
    ['{ students { nodes { id } } }', 1 + 25],
    ['{ students(first: 100) { nodes { id } } }', 1 + 100],
    ['{ students(first: 3, last: 40) { nodes { id } } }', 1 + 40],
    ['{ students(first: null) { nodes { id } } }', 1 + 25],
    ['{ students(first: 0) { nodes { id } } }', 1],
    ['{ students(first: -5) { nodes { id } } }', 1],
    // An edge and its node.
    ['{ students(first: 10) { edges { cursor node { id } } } }', 1 + 10 * (1 + 1)],
    // Counting costs once, however small the page.
    ['{ students(first: 10) { totalCount } }', 1 + 10],
    // Pages within pages multiply.
    [
      '{ students(first: 10) { nodes { history(first: 7) { nodes { id services { id } } } } } }',
      1 + 10 * (1 + 1 + 7 * (1 + 5 * 3)),
    ],
    ['{ students(first: 10) { nodes { history { nodes { id } } } } }', 1 + 10 * (1 + 1 + 25)],
    // Weight of the field, and of an argument that is given.
    ['{ count { total } }', 2000 + 1],
    ['{ count(by: "x") { total } }', 2000 + 7 + 1],
    // Ten forms, each at most a placement; fragments on different types add up.
    ['{ forms { id } }', 10 * 4],
    ['{ forms { ... on Placement { services { id } } ... on Notes { id } } }', 10 * (4 + 5 * 3)],
    // A mutation weighs 10.
    ['mutation { rename(id: 1) { id } }', 10 + 1],
    ['mutation { a: render(id: 1) { id } b: render(id: 2) { id } }', 2 * (10 + 100 + 1)],
    // The costliest operation of the document.
    ['query A { student(id: 1) { id } } query B { count { total } }', 2001],
    // A-46 introspection: 500, the schema, 5 types, 5 fields each.
    ['{ __schema { types { fields { name } } } }', 500 + 1 + 5 * (1 + 5 * 1)],
    ['{ __type(name: "Student") { name } }', 50 + 1],
    // A-48 an expensive field under many aliases.
    [`{ ${Array.from({ length: 10 }, (_, i) => `c${i}: count { total }`).join(' ')} }`, 10 * 2001],
    // What doesn't exist costs nothing: validation refuses it.
    ['{ nothing { at { all } } ...Nowhere student(id: 1) { nothing } ... on Nothing { id } }', 1],
    ['subscription { student(id: 1) { id } }', 0],
  ])('A-48 %s', (text, expected) => expect(cost(text)).toBe(expected));

  test('A-48 sizes in variables count as they will be coerced, with both kinds of default', () => {
    const text =
      'query($n: Int, $m: Int = 3) { students(first: $n) { nodes { history(first: $m) { nodes { id } } } } }';
    const of = (n: number, m: number): number => 1 + n * (1 + 1 + m);
    expect(cost(text, { n: 100, m: 100 })).toBe(of(100, 100));
    expect(cost(text, { n: 100 })).toBe(of(100, 3));
    for (const none of [undefined, null, 'x', [], {}, { __proto__: { n: 100 } }])
      expect(cost(text, none)).toBe(of(25, 3));
    expect(cost(text, { n: null, m: null })).toBe(of(25, 25));
    // What is no whole number is refused later on.
    expect(cost(text, { n: '100', m: {} })).toBe(of(25, 25));
    expect(cost(text, { n: -7 })).toBe(1);
    expect(cost(text, { n: 1e300, m: 1e300 })).toBeGreaterThan(1e18);
    expect(cost(text, JSON.parse('{"n":0,"m":1e999}'))).toBe(1);
  });

  test('A-51 names of Object.prototype are no sizes: the default counts', () => {
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(cost(`query($${name}: Int = 100) { students(first: $${name}) { nodes { id } } }`, {})).toBe(1 + 100);
  });

  test('A-48 what costs too much is refused with the figures; the same text with smaller pages is not', () => {
    const limits = new OperationLimits({ ...DEFAULT_LIMITS, cost: 1_000 }, costs);
    const text = 'query($n: Int) { students(first: $n) { nodes { history(first: 20) { nodes { id } } } } }';
    expect(limits.check(text, { n: 10 })).toEqual({ cost: 1 + 10 * 22 });
    expect(limits.check(text, { n: 100 }).finding?.message).toBe(
      'The operation costs 2201, and at most 1000 is answered: ask for smaller pages (first), or split it.',
    );
    expect(limits.check(text, { n: 45 })).toEqual({ cost: 991 });
  });

  test('a weight that would not be counted stops the start; a directive counts under the name of its link', () => {
    const read = (body: string) => () =>
      readSchemaCosts(composeGraph([{ name: 's', sdl: `${HEADER} ${body}` }]).supergraph);
    expect(read('type Query @authenticated { a(i: I): Int } input I { x: Int @cost(weight: 2) }')).toThrow(
      '@cost on I.x is not counted',
    );
    const renamed = readSchemaCosts(`schema @link(url: "https://specs.apollo.dev/link/v1.0")
        @link(url: "https://specs.apollo.dev/cost/v0.1", import: [{ name: "@listSize", as: "@size" }]) { query: Query }
      type Query { a: [T] @size(assumedSize: 30) } type T @cost(weight: 2) { one: Int }`);
    expect(costWith(costOf(parse('{ a { one } }'), renamed), {})).toBe(60);
  });
});

test.each<[string, number]>([
  ['mutation { addToCaseload(input: {}) { results { added } } }', 100],
  ['mutation { reassignProviders(input: {}) { results { updated } } }', 500],
  ['mutation { grantStudentAccess(input: {}) { studentAccessGrants { id } } }', 500],
  ['{ partnerGrants(first: 1) { nodes { students { id } organizations { id } } } }', 150],
])('A-48 lists that may be long are counted as such: %s', (text, least) => {
  const product = readSchemaCosts(readFileSync('schema/supergraph.graphql', 'utf8'));
  const counted = costWith(costOf(parse(text), product), {});
  expect(counted).toBeGreaterThanOrEqual(least);
  expect(counted).toBeLessThan(least + 20);
});

describe('properties of the cost', () => {
  interface Field {
    name: string;
    first: number | null;
    below: Field[];
  }
  /** Selections on a student: leaves, a list, and pages within pages. */
  const student: fc.Memo<Field[]> = fc.memo((depth) =>
    fc.array(
      fc.record({
        name: fc.constantFrom('id', 'name', 'services', ...(depth > 1 ? ['history', 'history'] : [])),
        first: fc.option(fc.nat(100)),
        below: depth > 1 ? student(depth - 1) : fc.constant([]),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  );

  /** Writes selections; each place asks `style` how. */
  function write(fields: readonly Field[], style: () => number, fragments: string[], size = (n: number) => n): string {
    const inner = fields.map((field, at) => {
      const alias = style() % 2 ? `x${at}_${fragments.length}: ` : `a${at}: `;
      if (field.name === 'services') return `${alias}services { id }`;
      if (field.name !== 'history') return `${alias}${field.name}`;
      const page = field.first === null ? '' : `(first: ${size(field.first)})`;
      return `${alias}history${page} { nodes { ${write(field.below, style, fragments, size)} } }`;
    });
    switch (style() % 4) {
      case 1:
        return `... { ${inner.reverse().join(' ')} }`;
      case 2:
        return `... on Student @include(if: true) { ${inner.join(' ')} }`;
      case 3:
        fragments.push(`fragment F${fragments.length} on Student { ${inner.join(' ')} }`);
        // Spread twice, beside a copy of a part: all of it is answered once.
        return `...F${fragments.length - 1} ...F${fragments.length - 1} ${inner[0]}`;
      default:
        return inner.join(' ');
    }
  }
  const operation = (fields: readonly Field[], style: () => number, size?: (n: number) => number): string => {
    const fragments: string[] = [];
    const body = write(fields, style, fragments, size);
    return `{ students(first: 9) { nodes { ${body} } } } ${fragments.join(' ')}`;
  };
  const plain = (): number => 0;

  test('A-48 aliases, fragments, order and repetition change nothing', () => {
    fc.assert(
      fc.property(student(3), fc.infiniteStream(fc.nat(11)), (fields, styles) => {
        const style = (): number => styles.next().value as number;
        expect(cost(operation(fields, style))).toBe(cost(operation(fields, plain)));
      }),
    );
  });

  test('A-48 a larger page costs no less, and one more field neither', () => {
    fc.assert(
      fc.property(student(3), fc.nat(50), (fields, more) => {
        const known = cost(operation(fields, plain));
        expect(cost(operation(fields, plain, (n) => n + more))).toBeGreaterThanOrEqual(known);
        const field = { name: 'history', first: more, below: fields };
        expect(cost(operation([...fields, field], plain))).toBeGreaterThanOrEqual(known);
      }),
    );
  });

  test('A-48 sizes in variables cost what they cost in the text', () => {
    fc.assert(
      fc.property(student(3), (fields) => {
        const inline = operation(fields, plain);
        const variables: Record<string, number> = {};
        let count = 0;
        const body = inline.replace(/first: (\d+)/g, (_, size: string) => {
          variables[`v${++count}`] = Number(size);
          return `first: $v${count}`;
        });
        const definitions = Object.keys(variables).map((name) => `$${name}: Int`);
        expect(cost(`query(${definitions.join(' ')}) ${body}`, variables)).toBe(cost(inline));
      }),
    );
  });
});
