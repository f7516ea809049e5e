import { boundHash, supergraphHash } from '../authorize/policy-hash';
import { composeGraph, lintSubgraph } from './compose';

const header = (imports: string, more = '') =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}]) ${more}\n`;
const RULES = '"@key", "@shareable", "@authenticated", "@requiresScopes", "@policy"';
const READS_LINK =
  '@link(url: "https://iepgraph.dev/reads/v1.0", import: ["@reads"]) @composeDirective(name: "@reads")';
const READS =
  'directive @reads(fields: [String!]!) repeatable on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE\n';

const compose = (...sdls: string[]) => composeGraph(sdls.map((sdl, index) => ({ name: `s${index}`, sdl })));
const snapshot = (...sdls: string[]) => compose(...sdls).policySnapshot.split('\n');

describe('what composition would let through', () => {
  test('A-01 look-alike local directive → build fails', () => {
    const sdl = `${header('"@key"')} directive @authenticated on FIELD_DEFINITION | OBJECT
      type Query @authenticated { a: Int }`;
    expect(() => compose(sdl)).toThrow('[s0] defines its own @authenticated, which is not the linked one');
  });

  test.each(['Authenticated', 'requires_scopes', 'my__policy', 'reads'])(
    'A-01 look-alike @%s → build fails',
    (name) => {
      const sdl = `${header(RULES)} directive @${name}(fields: [String!]!) on FIELD_DEFINITION | ARGUMENT_DEFINITION
      type Query @authenticated { a: Int }`;
      expect(lintSubgraph('s', sdl)).toEqual([expect.stringContaining(`defines its own @${name}`)]);
    },
  );

  test('A-01 a look-alike linked from elsewhere → build fails', () => {
    const sdl = `${header('"@key"', '@link(url: "https://example.com/authenticated/v0.1", import: ["@authenticated"])')}
      directive @authenticated on OBJECT type Query @authenticated { a: Int }`;
    expect(lintSubgraph('s', sdl)).toEqual([expect.stringContaining('defines its own @authenticated')]);
  });

  test('a definition that repeats the imported directive is the imported directive', () => {
    const sdl = `${header(RULES)} directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
      type Query @authenticated { a: Int }`;
    expect(snapshot(sdl)).toContain('field  Query.a  authenticated');
  });

  test('A-02 Federation 1 subgraph → build fails', () => {
    expect(() => compose('type Query { a: Int }')).toThrow('[s0] is not a Federation 2 schema');
  });

  test.each([
    ['A-03', '@requiresScopes(scopes: [])', 'empty list'],
    ['A-03', '@requiresScopes(scopes: [[]])', 'empty list'],
    ['A-03', '@policy(policies: [["selpa"], []])', 'empty list'],
    ['A-04', '@requiresScopes(scopes: ["iep:read", "iep:write"])', 'list of lists'],
    ['A-04', '@policy(policies: "selpa")', 'must be a list'],
    ['unknown scope', '@requiresScopes(scopes: [["iep:raed"]])', '"iep:raed", which is not in the vocabulary'],
    ['unknown policy', '@policy(policies: [["SELPA"]])', '"SELPA", which is not in the vocabulary'],
  ])('%s %s → build fails', (_, directive, message) => {
    expect(() => compose(`${header(RULES)} type Query @authenticated { a: Int ${directive} }`)).toThrow(message);
  });

  test('@reads that is not named by @composeDirective would be dropped → build fails', () => {
    const link = '@link(url: "https://iepgraph.dev/reads/v1.0", import: ["@reads"])';
    const sdl = `${header(RULES, link)} ${READS} type Query @authenticated { a: Int }`;
    expect(lintSubgraph('s', sdl)).toEqual(['[s] does not name @reads in @composeDirective: it would be dropped']);
  });

  test.each([
    ['Student.nothing', 'does not exist'],
    ['dateOfBirth', 'not of the form Type.field'],
  ])('@reads of %s → build fails', (coordinate, message) => {
    const sdl = `${header(`${RULES}, "@composeDirective"`, READS_LINK)} ${READS}
      type Query @authenticated { a(x: Int @reads(fields: ["${coordinate}"])): Int }`;
    expect(() => compose(sdl)).toThrow(message);
  });

  test('a field without any rule → build fails, all of them listed', () => {
    const sdl = `${header(RULES)} type Query @authenticated { a: A } type A { x: Int y: Int z: Int @authenticated }`;
    expect(() => compose(sdl)).toThrow(/A\.x has no rule.*\nA\.y has no rule[^\n]*$/);
  });

  test('a @key guarded beyond its type → build fails; one guarded like its type does not', () => {
    const sdl = (onType: string) => `${header(RULES)} type Query @authenticated { a: A }
      type A @key(fields: "id") @authenticated ${onType} { id: ID! @requiresScopes(scopes: [["iep:read"]]) }`;
    expect(() => compose(sdl(''))).toThrow('A.id is a @key field and guarded beyond its type');
    expect(() => compose(sdl('@requiresScopes(scopes: [["iep:read"]])'))).not.toThrow();
  });

  test('composition errors are listed with the lint findings', () => {
    expect(() =>
      compose(`${header(RULES)} type Query @authenticated { a: Nowhere b: Int @policy(policies: []) }`),
    ).toThrow(/empty list(.|\n)*Nowhere/);
  });
});

describe('names that the links give', () => {
  test('A-05 renamed import → enforced', () => {
    const imports = '"@key", {name: "@authenticated", as: "@login"}, {name: "@requiresScopes", as: "@can"}';
    const lines = snapshot(`${header(imports)} type Query @login { a: Int @can(scopes: [["iep:read"]]) }`);
    expect(lines).toContain('field  Query.a  authenticated AND scopes[iep:read]');
  });

  test('A-06 prefix form → enforced', () => {
    const lines = snapshot(`${header('"@key"')} type Query @federation__authenticated {
      a: Int @federation__policy(policies: [["selpa"]]) }`);
    expect(lines).toContain('field  Query.a  authenticated AND policies[selpa]');
  });

  test('renamed @reads → enforced', () => {
    const link =
      '@link(url: "https://iepgraph.dev/reads/v1.0", import: [{name: "@reads", as: "@looksAt"}]) @composeDirective(name: "@looksAt")';
    const lines = snapshot(`${header(`${RULES}, "@composeDirective"`, link)}
      directive @looksAt(fields: [String!]!) on ARGUMENT_DEFINITION
      type Query @authenticated { a(x: Int @looksAt(fields: ["Query.b"])): Int b: Int @policy(policies: [["state"]]) }`);
    expect(lines).toContain('reads  Query.a(x:)  Query.b  authenticated AND policies[state]');
  });
});

describe('across subgraphs', () => {
  test('A-07 @override into a subgraph without the rule → the requirement stays', () => {
    const from = `${header(RULES)} type Query @authenticated { a: A }
      type A @key(fields: "id") @authenticated { id: ID! x: Int @policy(policies: [["selpa"]]) }`;
    const to = `${header('"@key", "@override"')} type A @key(fields: "id") { id: ID! x: Int @override(from: "s0") }`;
    expect(snapshot(from, to)).toContain('field  A.x  authenticated AND policies[selpa]');
  });

  test('requirements of one coordinate in two subgraphs are AND-ed', () => {
    const one = (rule: string) => `${header(RULES)} type Query @authenticated { a: Int @shareable ${rule} }`;
    const both = one('@requiresScopes(scopes: [["iep:read"]])');
    expect(snapshot(both, one('@requiresScopes(scopes: [["iep:write"]])'))).toContain(
      'field  Query.a  authenticated AND scopes[iep:read, iep:write]',
    );
  });

  test('A-19 a field derived by @requires without the rule of what it reads → build fails', () => {
    const source = `${header(RULES)} type Query @authenticated { a: A }
      type A @key(fields: "id") @authenticated { id: ID! x: Int @policy(policies: [["selpa"]]) }`;
    const derived = `${header('"@key", "@requires", "@external"')}
      type A @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }`;
    expect(() => compose(source, derived)).toThrow(/"A\.y" does not specify necessary/);
  });

  test('A-12 a rule on an interface → build fails', () => {
    const sdl = `${header(RULES)} type Query @authenticated { n: N } interface N @authenticated { x: Int }
      type A implements N @authenticated { x: Int }`;
    expect(() => compose(sdl)).toThrow('cannot be applied on interfaces');
  });
});

test('the snapshot: bound by the hash, sorted, one line per coordinate', () => {
  const { supergraph, policySnapshot } = compose(`${header(`${RULES}, "@composeDirective"`, READS_LINK)} ${READS}
    type Query @authenticated { b(order: Order, filter: Filter, name: String @reads(fields: ["A.x"])): A a: Int }
    type A @authenticated { x: Int @requiresScopes(scopes: [["iep:read"]]) }
    enum Order { NAME @reads(fields: ["A.x"]) NONE }
    input Filter { x: Int @reads(fields: ["A.x"]) @reads(fields: ["Query.a"]) }`);
  expect(boundHash(policySnapshot)).toBe(supergraphHash(supergraph));
  expect(policySnapshot.split('\n').slice(1)).toEqual([
    'type   A  authenticated',
    'type   Query  authenticated',
    'field  A.x  authenticated AND scopes[iep:read]',
    'field  Query.a  authenticated',
    'field  Query.b  authenticated',
    'reads  Filter.x  A.x, Query.a  authenticated AND scopes[iep:read]',
    'reads  Order.NAME  A.x  authenticated AND scopes[iep:read]',
    'reads  Query.b(name:)  A.x  authenticated AND scopes[iep:read]',
    '',
  ]);
});
