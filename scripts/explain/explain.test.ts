import * as fc from 'fast-check';
import { parse } from 'graphql';
import { authorizeOperation, checkInputs, explainOperation, rejectWhole } from '../../gateway/authorize';
import { callerNamed } from '../callers';
import { operationOfChance } from '../operation-of-chance.fixture';
import { Random } from '../seed/random';
import { type Contract, loadContract } from '../visible-schema';
import { explain } from './explain';

const STUDENTS = `query($born: Date) {
  students(filter: { dateOfBirth: $born }, first: 1) { totalCount nodes { lastName currentIep { state } } }
}`;

describe('A-39 explaining an operation by the schema alone', () => {
  let contract: Contract;
  beforeAll(async () => {
    contract = await loadContract();
  });

  test('what a case manager may use is allowed, with what it takes', () => {
    const text = explain(contract, { as: 'teacher.ripon', text: STUDENTS });
    expect(text).toContain('As account teacher.ripon (CASE_MANAGER): Allowed');
    expect(text).toContain('allowed  students.nodes.currentIep.state  [Iep.state]\n         takes scopes[iep:read]\n');
    expect(text).not.toMatch(/DENIED|missing|Inputs/);
  });

  test('of what is denied it says what is missing', () => {
    const text = explain(contract, { as: 'SIS_COORDINATOR', text: STUDENTS });
    expect(text).toContain('As role SIS_COORDINATOR: Filtered');
    expect(text).toContain('allowed  students.totalCount  [StudentConnection.totalCount]');
    expect(text).toContain(
      'DENIED   students.nodes.currentIep  [Student.currentIep]\n         takes scopes[iep:read, student:read]\n         missing scopes[iep:read]\n',
    );
    expect(explain(contract, { as: 'SIS_COORDINATOR', text: '{ ieps(first: 1) { totalCount } }' })).toContain(
      'Denied: nothing',
    );
  });

  test('of several ways it says what is missing for each', () => {
    const text = 'mutation($input: AddToCaseloadInput!) { addToCaseload(input: $input) { __typename } }';
    const input = { studentIds: ['s'] };
    const known = explain(contract, { as: 'PRIVATE_SCHOOL', text, variables: { input } });
    expect(known).toContain('As role PRIVATE_SCHOOL: Rejected whole');
    expect(known).toContain('\n         missing scopes[caseload:self-add] OR scopes[caseload:supervise]\n');
  });

  test('A-23 an input that reads a denied field rejects the operation, only when it has a value', () => {
    const as = 'regional-center';
    const text = 'query($by: ID) { students(filter: { leaId: $by, status: [PENDING] }) { totalCount } }';
    const allowed = explain(contract, { as, text });
    expect(allowed).toContain('As partner client regional-center: Allowed');
    expect(allowed).toContain(
      'allowed  students(filter.status)  [StudentFilter.status]\n         takes scopes[student:read]\n         reads Student.status\n',
    );
    expect(allowed).not.toContain('StudentFilter.leaId');
    expect(explain(contract, { as, text, variables: { by: null } })).toContain('[StudentFilter.leaId]');

    const ofManager = 'query($id: ID) { studentWorklist(filter: { caseManagerId: $id }) { totalCount } }';
    const refused = explain(contract, { as: 'SIS_COORDINATOR', text: ofManager, variables: { id: 'x' } });
    expect(refused).toContain('As role SIS_COORDINATOR: Rejected whole');
    expect(refused).toContain(
      'DENIED   studentWorklist(filter.caseManagerId)  [WorklistFilter.caseManagerId]\n         takes scopes[provider:read, student:read]\n         reads Student.caseManager\n         missing scopes[provider:read]\n',
    );
    expect(explain(contract, { as: 'SIS_COORDINATOR', text: ofManager })).toContain('Allowed');
  });

  test('a partner is refused whole for one denied field', () => {
    expect(explain(contract, { as: 'regional-center', text: STUDENTS })).toContain('Rejected whole');
  });

  test('what is no operation of the schema is said', () => {
    const as = 'CASE_MANAGER';
    expect(() => explain(contract, { as, text: '{ nope }' })).toThrow('Cannot query field "nope" on type "Query".');
    const required = 'query($t: String!) { searchStudents(text: $t) { totalCount } }';
    expect(() => explain(contract, { as, text: required })).toThrow('Variable "$t" of required type');
    const two = 'query A { viewer { __typename } } query B { viewer { __typename } }';
    expect(() => explain(contract, { as, text: two })).toThrow('several operations');
    expect(explain(contract, { as, text: two, operationName: 'B' })).toContain('Allowed');
  });

  test('it decides as the gateway does', () => {
    const { schema, index } = contract;
    const roles = fc.constantFrom(
      'SIS_COORDINATOR',
      'STATE_ADMIN',
      'PRIVATE_SCHOOL',
      'CASE_MANAGER',
      'regional-center',
    );
    const property = fc.property(roles, fc.integer(), (name, seed) => {
      const { caller } = callerNamed(name);
      const document = parse(operationOfChance(schema, new Random(seed)));
      const authorized = authorizeOperation({ index, schema, document, caller });
      const rejectsWhole = () => rejectWhole(authorized, authorized.operationType, caller);
      const known = explainOperation({ index, schema, document, caller, variables: {}, rejectsWhole });
      const denied = known.selections.filter(({ allowed }) => !allowed);
      const keys = denied.map(({ path, coordinate }) => `${path.join('.')} ${coordinate}`);
      // Those that stand below another one are the gateway's no longer.
      for (const { path, coordinate } of authorized.denials) expect(keys).toContain(`${path.join('.')} ${coordinate}`);
      expect(denied.length > 0).toBe(authorized.denials.length > 0);
      expect(known.selections.every(({ allowed, missing }) => allowed === (missing === null))).toBe(true);
      const inputs = known.inputs.filter(({ allowed }) => !allowed);
      expect(inputs.map(({ path, input, coordinate }) => ({ coordinate, path, input }))).toEqual(
        checkInputs(index, schema, document, undefined, {}, caller),
      );
      expect(known.outcome).toBe(inputs.length > 0 || rejectsWhole() ? 'rejected' : authorized.kind);
    });
    fc.assert(property, { numRuns: 100 });
  });
});
