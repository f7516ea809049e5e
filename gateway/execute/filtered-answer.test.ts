import { executeSync, type GraphQLSchema } from 'graphql';
import { authorizeOperation, type Caller, denialErrors } from '../authorize';
import { caller, doc, index, loadApiSchema, rootValue } from '../authorize/graph.fixture';
import { filteredAnswer, withTypenames } from './filtered-answer.fixture';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await loadApiSchema();
});

const authorize = (text: string, who: Caller = caller()) =>
  authorizeOperation({ index, schema, document: doc(text), caller: who });

/** The whole way: authorize, execute what is left, write the answer. */
function answer(
  text: string,
  who: Caller = caller(),
  variables: Record<string, unknown> = {},
  root: object = rootValue,
) {
  const authorized = authorize(text, who);
  const document = withTypenames(authorized.document);
  const fetched = executeSync({ schema, document, rootValue: root, variableValues: variables });
  const { data, denials } = filteredAnswer(schema, authorized, variables, fetched.data);
  return { json: data, paths: denials.map(({ path }) => path.join('.')) };
}

describe('data', () => {
  test.each<[string, string, string]>([
    [
      'denied field is null, in its place',
      '{ student { id dob firstName } }',
      '{"student":{"id":"1","dob":null,"firstName":"Ada"}}',
    ],
    [
      'order of the original, aliases',
      '{ b: student { x: dob y: id } a: levelled }',
      '{"b":{"x":null,"y":"1"},"a":null}',
    ],
    ['allowed object of denied fields', '{ student { dob mood } }', '{"student":{"dob":null,"mood":null}}'],
    [
      'allowed object that does not exist',
      '{ student { dob } levelled __typename }',
      '{"student":null,"levelled":null,"__typename":"Query"}',
    ],
    ['A-13 guarded union', '{ attachment { __typename } student { id } }', '{"attachment":null,"student":{"id":"1"}}'],
    ['A-18 non-null field: the object goes', '{ student { id ssn } iep: levelled }', '{"student":null,"iep":null}'],
    [
      'A-18 non-null in a list of non-null: the list goes, up to the nullable field',
      '{ student { id best { id friends { ssn } } } }',
      '{"student":{"id":"1","best":{"id":"2","friends":[]}}}',
    ],
    ['A-18 list of non-null in a non-null field', '{ student { id friends { ssn } } }', '{"student":null}'],
    ['A-18 nullable list of non-null', '{ students { ssn } student { id } }', '{"students":null,"student":{"id":"1"}}'],
    [
      'lists of lists, abstract: keys by runtime type',
      '{ organizations { id ... on District { code budget } ... on School { budget code } } }',
      '{"organizations":[[{"id":"s","budget":null,"code":"E"},{"id":"d","code":"MU","budget":null}],[],[{"id":"d","code":"MU","budget":null}]]}',
    ],
    ['nulls in lists', '{ search(by: { mode: FIRST_NAME }) { id name } }', '{"search":[{"id":"s","name":null},null]}'],
    [
      'untouched parts as they are',
      '{ student { best { id friends { id } } dob } }',
      '{"student":{"best":{"id":"2","friends":[]},"dob":null}}',
    ],
    [
      'fragments',
      '{ student { ...A } } fragment A on Student { dob ...B } fragment B on Student { id dob ...C } fragment C on Student { firstName }',
      '{"student":{"dob":null,"id":"1","firstName":"Ada"}}',
    ],
  ])('%s', (name, text, json) => {
    const root = name.includes('does not exist') ? { ...rootValue, student: null } : rootValue;
    expect(answer(text, caller(), {}, root).json).toBe(json);
  });

  test('A-16 siblings with the same key: the allowed value survives, the denied one is null', () => {
    const text = '{ organization { ... on School { v: name } ... on District { v: name } } }';
    expect(answer(text).json).toBe('{"organization":{"v":"East"}}');
    const root = { ...rootValue, organization: { __typename: 'District', name: 'Manteca' } };
    expect(answer(text, caller(), {}, root).json).toBe('{"organization":{"v":null}}');
  });

  test('A-16 one object, an interface fragment denied and a concrete one allowed', () => {
    const text = '{ organization { ... on Organization { name } ... on School { name } } }';
    expect(answer(text)).toEqual({ json: '{"organization":{"name":"East"}}', paths: ['organization.name'] });
  });

  test('A-16 what a denied selection asked below a key that another one keeps alive is left out', () => {
    const text = '{ organization { head { name } ... on School { head { id } } } }';
    expect(answer(text)).toEqual({ json: '{"organization":{"head":{"id":"h"}}}', paths: ['organization.head'] });
  });

  test('a denied field stays null even when the execution brings it', () => {
    const data = { student: { id: '1', dob: '2011-01-01' } };
    expect(filteredAnswer(schema, authorize('{ student { id dob } }'), {}, data).data).toBe(
      '{"student":{"id":"1","dob":null}}',
    );
  });

  test('wholly denied → one error per selection, nothing about the missing right', () => {
    const { kind, denials } = authorize('{ iep { id } levelled a: levelled }');
    expect(kind).toBe('denied');
    expect(denialErrors(denials)).toEqual(
      [['iep'], ['levelled'], ['a']].map((path) => ({
        message: 'Not available to you',
        path,
        extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
      })),
    );
  });

  test('a denied field is no fault; one that is missing without a denial is', () => {
    expect(filteredAnswer(schema, authorize('{ student { ssn } }'), {}, { student: {} }).faults).toEqual([]);
    const { faults } = filteredAnswer(schema, authorize('{ student { id ssn } }'), {}, { student: {} });
    expect(faults.map(({ path }) => path)).toEqual([['student', 'id']]);
  });
});

describe('A-17 @skip and @include', () => {
  const text = 'query($v: Boolean!) { student { id dob @include(if: $v) ... @skip(if: $v) { firstName mood } } }';
  test.each([
    [true, '{"student":{"id":"1","dob":null}}'],
    [false, '{"student":{"id":"1","firstName":"Ada","mood":null}}'],
  ])('%s: the shape follows, the errors do not', (v, json) => {
    expect(answer(text, caller(), { v })).toEqual({ json, paths: ['student.dob', 'student.mood'] });
  });
});

describe('errors', () => {
  test('one per place in the answer, however many rows and selections', () => {
    const { paths } = answer(
      '{ students { dob ...F ... on Student { dob } } } fragment F on Student { dob best { dob } }',
    );
    expect(paths).toEqual(['students.@.dob', 'students.@.best.dob']);
  });

  test('a denial below an object that does not exist is reported all the same', () => {
    const text = '{ student { dob } }';
    expect(answer(text, caller(), {}, { ...rootValue, student: null }).paths).toEqual(answer(text).paths);
  });
});

test('A-44 fragments spread many times at one place are written once', () => {
  const levels = Array.from({ length: 60 }, (_, n) => `fragment F${n} on Student { ...F${n + 1} ...F${n + 1} }`);
  const text = `{ student { ...F0 } } ${levels.join(' ')} fragment F60 on Student { id dob }`;
  expect(answer(text).json).toBe('{"student":{"id":"1","dob":null}}');
});

test('A-51 prototype names as aliases are keys like any other', () => {
  const { json } = answer(
    '{ __proto__: student { constructor: id toString: dob __proto__: dob } hasOwnProperty: levelled }',
  );
  expect(json).toBe('{"__proto__":{"constructor":"1","toString":null,"__proto__":null},"hasOwnProperty":null}');
});

test('data without the type name that was asked for is a fault, not a guess', () => {
  const authorized = authorize('{ note { ... on Letter { text } ... on Memo { text } } }');
  const { data, faults } = filteredAnswer(schema, authorized, {}, { note: { text: 'private' } });
  expect([data, faults.map(({ path }) => path)]).toEqual(['{"note":null}', [['note']]]);
});
