import { getVariableValues, type GraphQLSchema, type OperationDefinitionNode, validate } from 'graphql';
import { checkInputs } from './check-inputs';
import { caller, doc, index, loadApiSchema } from './graph.fixture';
import { createAuthorizer } from './index';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await loadApiSchema();
});

function check(text: string, variables: Record<string, unknown> = {}, who = caller()) {
  const document = doc(text);
  expect(validate(schema, document).map(String)).toEqual([]);
  const { variableDefinitions } = document.definitions[0] as OperationDefinitionNode;
  const { coerced, errors } = getVariableValues(schema, variableDefinitions ?? [], variables);
  expect(errors).toBeUndefined();
  const found = checkInputs(index, schema, document, undefined, coerced!, who);
  const authorizer = createAuthorizer({ index, schema, maxEntries: 1 });
  const authorized = authorizer.authorize(document, null, text, who);
  expect(authorizer.checkInputs(authorized, coerced!, who)).toEqual(found);
  return found.map(({ coordinate, input }) => `${coordinate} at ${input.join('.')}`);
}

const FILTER = 'query($f: StudentFilter) { students(filter: $f) { id } }';

describe('A-23 an input that reads an unreadable field is denied', () => {
  test.each<[string, string, Record<string, unknown>, string[]]>([
    ['argument, literal', '{ students(text: "x") { id } }', {}, ['Query.students(text:) at text']],
    ['argument, null is a value', '{ students(text: null) { id } }', {}, ['Query.students(text:) at text']],
    [
      'argument, variable',
      'query($t: String) { students(text: $t) { id } }',
      { t: 'x' },
      ['Query.students(text:) at text'],
    ],
    [
      'variable given as null',
      'query($t: String) { students(text: $t) { id } }',
      { t: null },
      ['Query.students(text:) at text'],
    ],
    ['variable not given', 'query($t: String) { students(text: $t) { id } }', {}, []],
    [
      'default of a variable',
      'query($t: String = "x") { students(text: $t) { id } }',
      {},
      ['Query.students(text:) at text'],
    ],
    [
      'input field, literal',
      '{ students(filter: { dob: "x", firstName: "y" }) { id } }',
      {},
      ['StudentFilter.dob at filter.dob'],
    ],
    [
      'input field, variable inside a literal',
      'query($t: String) { students(filter: { dob: $t }) { id } }',
      { t: 'x' },
      ['StudentFilter.dob at filter.dob'],
    ],
    ['that variable not given', 'query($t: String) { students(filter: { dob: $t }) { id } }', {}, []],
    ['input field in a variable', FILTER, { f: { ssn: 'x' } }, ['StudentFilter.ssn at filter.ssn']],
    [
      'nested list in a variable',
      FILTER,
      { f: { any: [{ firstName: 'a' }, { any: [{ dob: 'x' }] }] } },
      ['StudentFilter.dob at filter.any.@.any.@.dob'],
    ],
    [
      'single value where a list is expected',
      '{ students(filters: { any: { dob: "x" } }) { id } }',
      {},
      ['StudentFilter.dob at filters.any.dob'],
    ],
    ['enum value', '{ students(filter: { sort: DOB }) { id } }', {}, ['StudentOrder.DOB at filter.sort']],
    ['enum value in a list', '{ students(orderBy: [FIRST_NAME, DOB]) { id } }', {}, ['StudentOrder.DOB at orderBy.@']],
    [
      'enum value in a variable',
      'query($o: [StudentOrder!]) { students(orderBy: $o) { id } }',
      { o: ['DOB'] },
      ['StudentOrder.DOB at orderBy.@'],
    ],
    [
      'single enum value in a list variable',
      'query($o: [StudentOrder!]) { students(orderBy: $o) { id } }',
      { o: 'DOB' },
      ['StudentOrder.DOB at orderBy.@'],
    ],
    [
      'variable as an element',
      'query($o: StudentOrder!) { students(orderBy: [FIRST_NAME, $o]) { id } }',
      { o: 'DOB' },
      ['StudentOrder.DOB at orderBy.@'],
    ],
    ['default of the schema', '{ search(by: {}) { id } }', {}, ['StudentOrder.DOB at by.mode']],
    [
      'default of the schema in a variable',
      'query($s: Search) { search(by: $s) { id } }',
      { s: {} },
      ['StudentOrder.DOB at by.mode'],
    ],
    ['default of an argument', '{ ranked { id } }', {}, ['StudentOrder.DOB at by']],
    ['default of the schema replaced', '{ search(by: { mode: FIRST_NAME }) { id } }', {}, []],
    ['open inputs', '{ students(first: 3, filter: { firstName: "x", any: [] }, orderBy: FIRST_NAME) { id } }', {}, []],
    ['under @skip', '{ students(text: "x") @skip(if: true) { id } }', {}, ['Query.students(text:) at text']],
    [
      'under a denied field',
      '{ iep { student { best { iep { student { id } } } } } a: students(text: "") { id } }',
      {},
      ['Query.students(text:) at text'],
    ],
    [
      'in a fragment, on a concrete type',
      '{ organization { ...F } } fragment F on School { find(by: "x") }',
      {},
      ['School.find(by:) at by'],
    ],
  ])('%s', (_, text, variables, expected) => expect(check(text, variables)).toEqual(expected));

  test('with the right to read the field, the input is allowed', () => {
    const who = caller('student.demographics:read');
    expect(check('{ students(text: "x", filter: { dob: "x" }, orderBy: DOB) { id } }', {}, who)).toEqual([]);
  });

  test('the path is the place of the field in the answer', () => {
    const document = doc('{ all: organizations { ... on School { x: find(by: "x") } } }');
    expect(checkInputs(index, schema, document, null, {}, caller())).toEqual([
      { coordinate: 'School.find(by:)', path: ['all', '@', '@', 'x'], input: ['by'] },
    ]);
  });

  test('A-51 names of Object.prototype are names like any other', () => {
    const text = 'query($constructor: String, $toString: String) { students(text: $constructor) { __proto__: id } }';
    expect(checkInputs(index, schema, doc(text), null, {}, caller())).toEqual([]);
  });
});
