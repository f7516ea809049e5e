import { executeSync, type GraphQLSchema } from 'graphql';
import { authorizeOperation } from './authorize-operation';
import { completeResponse } from './complete-response';
import { caller, doc, index, loadApiSchema, rootValue } from './graph.fixture';
import type { Caller } from './requirement';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await loadApiSchema();
});

/** The whole way: authorize, execute what is left, complete. As JSON, which is what a client sees. */
function answer(
  text: string,
  who: Caller = caller(),
  variables: Record<string, unknown> = {},
  root: object = rootValue,
) {
  const authorized = authorizeOperation({ index, schema, document: doc(text), caller: who });
  const fetched = executeSync({ schema, document: authorized.document, rootValue: root, variableValues: variables });
  const { data, errors } = completeResponse({ schema, authorized, variables, ...fetched });
  return { json: JSON.stringify(data), paths: errors?.map(({ path }) => path?.join('.')) };
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
    ['introspection', '{ __type(name: "Note") { kind } levelled }', '{"__type":{"kind":"UNION"},"levelled":null}'],
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
    const authorized = authorizeOperation({ index, schema, document: doc('{ student { id dob } }'), caller: caller() });
    const data = { student: { id: '1', dob: '2011-01-01' } };
    const completed = completeResponse({ schema, authorized, variables: {}, data });
    expect(JSON.stringify(completed.data)).toBe('{"student":{"id":"1","dob":null}}');
    const denied = authorizeOperation({ index, schema, document: doc('{ levelled }'), caller: caller() });
    expect(completeResponse({ schema, authorized: denied, variables: {}, data: { levelled: 'x' } }).data).toBeNull();
  });

  test('wholly denied → data: null, one error per selection, nothing about the missing right', () => {
    const text = '{ iep { id } levelled a: levelled }';
    const authorized = authorizeOperation({ index, schema, document: doc(text), caller: caller() });
    const { data, errors } = completeResponse({ schema, authorized, variables: {} });
    expect(data).toBeNull();
    expect(errors).toEqual(
      [['iep'], ['levelled'], ['a']].map((path) => ({
        message: 'Not available to you',
        path,
        extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
      })),
    );
  });

  test('a null root of the execution stays null', () => {
    const authorized = authorizeOperation({ index, schema, document: doc('{ student { dob } }'), caller: caller() });
    expect(completeResponse({ schema, authorized, variables: {}, data: null }).data).toBeNull();
  });

  test('allowed: data and errors are handed through', () => {
    const authorized = authorizeOperation({ index, schema, document: doc('{ student { id } }'), caller: caller() });
    const data = { student: null };
    const errors = [{ message: 'x', path: ['student'] }];
    expect(completeResponse({ schema, authorized, variables: {}, data, errors })).toEqual({ data, errors });
    expect(completeResponse({ schema, authorized, variables: {}, data }).errors).toBeUndefined();
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

  test('those of the execution come first, as they are', () => {
    const authorized = authorizeOperation({ index, schema, document: doc('{ student { dob } }'), caller: caller() });
    const failed = { message: 'no answer', path: ['student'] };
    const { errors } = completeResponse({
      schema,
      authorized,
      variables: {},
      data: { student: null },
      errors: [failed],
    });
    expect(errors?.map(({ path }) => path)).toEqual([['student'], ['student', 'dob']]);
  });

  test('a denial below an object that does not exist is reported all the same', () => {
    const text = '{ student { dob } }';
    expect(answer(text, caller(), {}, { ...rootValue, student: null }).paths).toEqual(answer(text).paths);
  });
});

test('A-44 fragments spread many times at one place are completed once', () => {
  const levels = Array.from({ length: 25 }, (_, n) => `fragment F${n} on Student { ...F${n + 1} ...F${n + 1} }`);
  const text = `{ student { ...F0 } } ${levels.join(' ')} fragment F25 on Student { id dob }`;
  const start = performance.now();
  expect(answer(text).json).toBe('{"student":{"id":"1","dob":null}}');
  expect(performance.now() - start).toBeLessThan(500);
});

test('A-51 prototype names as aliases are keys like any other', () => {
  const { json } = answer(
    '{ __proto__: student { constructor: id toString: dob __proto__: dob } hasOwnProperty: levelled }',
  );
  expect(json).toBe('{"__proto__":{"constructor":"1","toString":null,"__proto__":null},"hasOwnProperty":null}');
});

test('data without the type name that was asked for is an error, not a guess', () => {
  const document = doc('{ organization { name } }');
  const authorized = authorizeOperation({ index, schema, document, caller: caller() });
  const run = () => completeResponse({ schema, authorized, variables: {}, data: { organization: {} } });
  expect(run).toThrow('lacks a type name');
});
