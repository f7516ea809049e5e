import { type GraphQLSchema, print, validate } from 'graphql';
import { type AuthorizedOperation, authorizeOperation } from './authorize-operation';
import { MAX_DENIALS } from './denials';
import { anonymous, caller, doc, index, loadApiSchema, selpa } from './graph.fixture';
import { createAuthorizer, rejectWhole } from './index';
import type { Caller } from './requirement';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await loadApiSchema();
});

function authorize(text: string, who: Caller = caller(), operationName?: string): AuthorizedOperation {
  const authorized = authorizeOperation({ index, schema, document: doc(text), operationName, caller: who });
  expect(validate(schema, authorized.document).map(String)).toEqual([]);
  return authorized;
}
const paths = (authorized: AuthorizedOperation) => authorized.denials.map(({ path }) => path.join('.'));
const flat = (text: string) => text.replace(/\s+/g, ' ').trim();

describe('A-11 … A-21: which selections are denied', () => {
  test.each<[string, string, string[]]>([
    ['A-08 type rule plus field rule', '{ student { firstName dob } }', ['student.dob']],
    ['A-11 interface with a guarded implementer', '{ person { id } student { id } }', ['person']],
    ['A-11 interface field guarded on one implementer', '{ organization { id name } }', ['organization.name']],
    ['the same field through the unguarded type', '{ organization { ... on School { name } } }', []],
    ['A-12 concrete fragment', '{ organization { id ... on District { name } } }', ['organization.name']],
    ['A-13 __typename of a guarded union', '{ attachment { __typename } student { id } }', ['attachment']],
    ['A-13 __typename of a union of open members', '{ note { __typename ... on Memo { text } } }', ['note.text']],
    ['A-14 alias', '{ student { firstName: dob } }', ['student.firstName']],
    ['returned enum', '{ student { mood } }', ['student.mood']],
    ['A-18 "@" for list positions', '{ students { friends { ssn } } }', ['students.@.friends.@.ssn']],
    [
      'one "@" per list level',
      '{ organizations { budget: id ... on School { budget2: budget } } }',
      ['organizations.@.@.budget2'],
    ],
    ['denied list: no position', '{ student { id } iep { id } }', ['iep']],
    ['A-20 through another entity and @provides', '{ iep { student { dob } } }', ['iep.student.dob']],
    ['only the topmost denial', '{ iep { narrative student { dob } } student { id } }', ['iep']],
  ])('%s', (_, text, expected) => {
    const who = text.startsWith('{ iep { student') ? caller('iep:read') : caller();
    expect(paths(authorize(text, who))).toEqual(expected);
  });

  test('A-15 nested named fragments: denied at every place where they are spread, once each', () => {
    const authorized = authorize(`
      query { student { ...A best { ...A ...B } } s: student { ...B } }
      fragment A on Student { id ...B } fragment B on Student { b: dob }`);
    expect(paths(authorized)).toEqual(['student.b', 'student.best.b', 's.b']);
    expect(flat(authorized.text)).toBe(
      '{ student { ...A best { ...A } } s: student { authorizedTypename: __typename } } fragment A on Student { id }',
    );
  });

  test('A-16 sibling fragments, same response key: only the denied one goes', () => {
    const authorized = authorize('{ organization { ... on School { v: name } ... on District { v: name } } }');
    expect(authorized.denials).toEqual([{ path: ['organization', 'v'], coordinate: 'District.name' }]);
    expect(flat(authorized.text)).toBe('{ organization { ... on School { v: name } } }');
  });

  test.each(['@skip(if: true)', '@skip(if: false)', '@include(if: false)', '@include(if: $v)'])(
    'A-17 %s changes no decision',
    (directive) => {
      const authorized = authorize(`query($v: Boolean!) { student { id @include(if: $v) dob ${directive} } }`);
      expect(paths(authorized)).toEqual(['student.dob']);
      expect(authorized.text).not.toContain('dob');
    },
  );

  test('A-21 only the executed operation is judged and kept', () => {
    const text = 'query A { student { dob } } query B { student { ...F } } fragment F on Student { id }';
    const authorized = authorize(text, caller(), 'B');
    expect(authorized.kind).toBe('allowed');
    expect(flat(authorized.text)).toBe('query B { student { ...F } } fragment F on Student { id }');
    expect(() => authorize(text)).toThrow('several operations');
    expect(() => authorize(text, caller(), 'C')).toThrow('no operation of this name');
  });

  test('A-22 a mutation or a partner with any denial is rejected whole', () => {
    const mutation = authorize('mutation { rename(id: 1) { id dob } }');
    const query = authorize('{ student { id dob } }');
    const open = authorize('mutation { rename(id: 1) { id } }');
    expect(rejectWhole(mutation, mutation.operationType, caller())).toBe(true);
    expect(rejectWhole(open, open.operationType, caller())).toBe(false);
    expect(rejectWhole(query, query.operationType, caller())).toBe(false);
    expect(rejectWhole(query, query.operationType, { ...caller(), level: 'partner' })).toBe(true);
  });

  test('every atom counts: capability, level, authentication', () => {
    expect(authorize('{ student { dob } }', caller('student.demographics:read')).kind).toBe('allowed');
    expect(authorize('{ levelled attachment { __typename } }', selpa).kind).toBe('allowed');
    expect(authorize('{ levelled }', { ...caller(), level: 'SELPA' }).kind).toBe('denied');
    expect(authorize('{ levelled __typename }', { ...selpa, authenticated: false }).kind).toBe('denied');
  });

  test('a policy of another supergraph denies what it does not know', () => {
    const empty = { ...index, selections: new Map() };
    const authorized = authorizeOperation({ index: empty, schema, document: doc('{ student { id } }'), caller: selpa });
    expect(authorized.kind).toBe('denied');
  });
});

describe('the filtered operation', () => {
  test('an allowed object of which nothing is left is still asked for', () => {
    const authorized = authorize('{ student { dob } }');
    expect(authorized.kind).toBe('filtered');
    expect(flat(authorized.text)).toBe('{ student { authorizedTypename: __typename } }');
  });

  test('the private key gives way to the client’s keys', () => {
    const { text } = authorize(
      '{ student { authorizedTypename: id best { authorizedTypename_: id friends { ssn } } } }',
    );
    expect(flat(text)).toContain('friends { authorizedTypename__: __typename }');
  });

  test('variables that only denied selections used are gone', () => {
    const authorized = authorize(`query Q($id: ID, $text: String, $v: Boolean = true) {
      iep @include(if: $v) { id } levelled students(text: $text) { id } student(id: $id) { dob } }`);
    expect(flat(authorized.text)).toMatch(/^query Q\(\$id: ID, \$text: String\) \{/);
  });

  test('wholly denied: nothing that could be fetched', () => {
    const authorized = authorize(
      'query($id: ID) { student(id: $id) { id } ...F } fragment F on Query { levelled }',
      anonymous,
    );
    expect(authorized.kind).toBe('denied');
    expect(flat(authorized.text)).toBe('{ authorizedTypename: __typename }');
    expect(paths(authorized)).toEqual(['student', 'levelled']);
  });

  test('introspection passes untouched, for whoever gets this far', () => {
    const text =
      '{ __schema { types { ...T } } __type(name: "Student") { name } } fragment T on __Type { name __typename }';
    const authorized = authorize(text, anonymous);
    expect(authorized.kind).toBe('allowed');
    expect(flat(authorized.text)).toBe(flat(print(doc(text))));
  });

  test('A-25 the hash follows the filtered text, not the client’s', () => {
    const text = '{ student { id dob } }';
    const few = authorize(text);
    expect(few.hash).not.toBe(authorize(text, caller('student.demographics:read')).hash);
    expect(few.hash).not.toBe(
      authorizeOperation({ index: { ...index, hash: 'other' }, schema, document: doc(text), caller: caller() }).hash,
    );
    expect(authorize('{ student { ssn mood dob } }').hash).toBe(authorize('{ student { dob } }').hash);
  });
});

// Each of them has more places than could ever be visited one by one.
describe('A-44 fragments in fragments', () => {
  const tree = (depth: number, leaf: string) => {
    const level = (n: number) => `fragment F${n} on Student { l: best { ...F${n + 1} } r: best { ...F${n + 1} } }`;
    const levels = Array.from({ length: depth }, (_, n) => level(n));
    return `{ student { ...F0 } } ${levels.join(' ')} fragment F${depth} on Student { ${leaf} }`;
  };

  test('a binary tree without denials is allowed', () => {
    const document = doc(tree(40, 'id'));
    expect(authorizeOperation({ index, schema, document, caller: caller() }).kind).toBe('allowed');
  });

  test(`a binary tree with more than ${MAX_DENIALS} denials is refused`, () => {
    const document = doc(tree(40, 'dob'));
    expect(() => authorizeOperation({ index, schema, document, caller: caller() })).toThrow('too much');
  });

  test('many spreads at one place deny once', () => {
    const level = (n: number) => `fragment F${n} on Student { best { ...F${n + 1} } best { ...F${n + 1} } }`;
    const levels = Array.from({ length: 60 }, (_, n) => level(n));
    const document = doc(`{ student { ...F0 } } ${levels.join(' ')} fragment F60 on Student { dob }`);
    expect(authorizeOperation({ index, schema, document, caller: caller() }).denials).toHaveLength(1);
  });

  test.each([
    '{ student { ...A } } fragment A on Student { best { ...B } } fragment B on Student { best { ...A } }',
    '{ __schema { types { ...A } } } fragment A on __Type { ofType { ...A } }',
    '{ student { ...Missing } }',
    '{ nothing }',
  ])('what validation should have refused is refused: %s', (text) => {
    const run = () => authorizeOperation({ index, schema, document: doc(text), caller: caller() });
    expect(run).toThrow(expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }));
  });
});

describe('A-25 the decision cache', () => {
  const text = '{ student { id dob } }';
  const rich = caller('student.demographics:read', 'iep:read');
  const authorizer = () => createAuthorizer({ index, schema, maxEntries: 10 });

  test.each([
    ['few rights first', [caller(), rich]],
    ['many rights first', [rich, caller()]],
  ])('same text, different rights, %s → no cross-effect', (_, callers) => {
    const { authorize: decide } = authorizer();
    for (const who of [...callers, ...callers]) {
      expect(decide(doc(text), null, text, who).kind).toBe(who === rich ? 'allowed' : 'filtered');
    }
  });

  test('same rights in another order → the same entry; level, authentication and name distinguish', () => {
    const { authorize: decide } = authorizer();
    const first = decide(doc(text), undefined, text, rich);
    expect(decide(doc(text), null, text, caller('iep:read', 'student.demographics:read'))).toBe(first);
    expect(decide(doc(text), null, text, { ...rich, level: 'selpa' })).not.toBe(first);
    expect(decide(doc(text), null, text, { ...rich, authenticated: false }).kind).toBe('denied');
    const two = 'query A { student { id } } query B { student { dob } }';
    expect(decide(doc(two), 'A', two, caller()).kind).toBe('allowed');
    expect(decide(doc(two), 'B', two, caller()).kind).toBe('filtered');
  });

  test('another text, however alike → a decision of its own', () => {
    const { authorize: decide } = authorizer();
    const [open, guarded] = ['{ student { id  } }', '{ student { dob } }'];
    expect(open).toHaveLength(guarded.length);
    expect(decide(doc(open), null, open, caller()).kind).toBe('allowed');
    expect(decide(doc(guarded), null, guarded, caller()).kind).toBe('filtered');
  });

  test('the cache is bounded', () => {
    const { authorize: decide } = createAuthorizer({ index, schema, maxEntries: 1 });
    const first = decide(doc(text), null, text, rich);
    decide(doc(text), null, text, caller());
    expect(decide(doc(text), null, text, rich)).not.toBe(first);
  });
});
