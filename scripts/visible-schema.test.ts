import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import {
  buildSchema,
  getNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  validate,
  validateSchema,
} from 'graphql';
import { authorizeOperation, type Caller, checkInputs } from '../gateway/authorize';
import { VisibleSchemas } from '../gateway/execute/introspection';
import { isAdditive } from '../subgraphs/students/account/roles';
import { CAPABILITIES } from '../subgraphs/students/account/capability-matrix';
import { callerNamed, LEVELS, ROLE_NAMES } from './callers';
import { operationOfChance } from './operation-of-chance.fixture';
import { Random } from './seed/random';
import { type Contract, loadContract, printVisibleSchema } from './visible-schema';

const roles = ROLE_NAMES.filter((name) => !isAdditive(name));
const others = [...LEVELS, 'teacher.ripon', 'submitter.acadia', 'regional-center', 'DISTRICT_ADMIN+CALPADS_REPORTER'];

/** Rules as the committed snapshot spells them, read here with a parser of the test's own. */
const snapshot = readFileSync('schema/policy.txt', 'utf8').split('\n');
const rulesOf = (word: string) =>
  new Map(
    snapshot
      .map((line) => line.split(/\s{2,}/))
      .filter(([first]) => first === word)
      .map((columns) => [columns[1]!, columns.at(-1)!] as const),
  );
const fieldRules = rulesOf('field');
const readRules = rulesOf('reads');

function meets(rule: string, { capabilities, level }: Caller): boolean {
  return rule.split(' OR ').some((one) =>
    one.split(' AND ').every((part) => {
      const [, word, names] = /^(\w+)(?:\[(.*)\])?$/.exec(part)!;
      if (word === 'authenticated') return true;
      return names!.split(', ').every((name) => (word === 'scopes' ? capabilities.has(name) : level === name));
    }),
  );
}

/** Every field that the rules open and that a root leads to; an interface leads to its members where a field returns it. */
function openFields(schema: GraphQLSchema, caller: Caller): string[] {
  const open = new Set<string>();
  const seen = new Set<string>();
  const enter = (name: string, how: 'returned' | 'implemented'): void => {
    const type = schema.getType(name);
    if (seen.has(`${name} ${how}`)) return;
    seen.add(`${name} ${how}`);
    if (isUnionType(type)) for (const member of type.getTypes()) enter(member.name, how);
    if (isInterfaceType(type) && how === 'returned')
      for (const member of schema.getPossibleTypes(type)) enter(member.name, how);
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    for (const field of Object.values(type.getFields())) {
      if (!meets(fieldRules.get(`${name}.${field.name}`)!, caller)) continue;
      open.add(`${name}.${field.name}`);
      enter(getNamedType(field.type).name, 'returned');
    }
    for (const general of type.getInterfaces()) enter(general.name, 'implemented');
  };
  enter('Query', 'returned');
  enter('Mutation', 'returned');
  return [...open].sort();
}

function shownFields(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith('__') && (isObjectType(type) || isInterfaceType(type)))
    .flatMap((type) => Object.keys((type as { getFields(): object }).getFields()).map((name) => `${type.name}.${name}`))
    .sort();
}

function shownInputs(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
    if (isInputObjectType(type)) return Object.keys(type.getFields()).map((name) => `${type.name}.${name}`);
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap((field) =>
      field.args.map((argument) => `${type.name}.${field.name}(${argument.name}:)`),
    );
  });
}

describe('A-39 the schema by caller', () => {
  let contract: Contract;
  beforeAll(async () => {
    contract = await loadContract();
  });

  test.each([...roles, ...others])('%s sees each field that it may select, and no other', (name) => {
    const { caller } = callerNamed(name);
    const text = printVisibleSchema(contract, name);
    expect(printVisibleSchema({ ...contract }, name)).toBe(text);
    const printed = buildSchema(text);
    expect(validateSchema(printed)).toEqual([]);
    expect(shownFields(printed)).toEqual(openFields(contract.schema, caller));
    const forbidden = shownInputs(printed).filter((one) => readRules.has(one) && !meets(readRules.get(one)!, caller));
    expect(forbidden).toEqual([]);
  });

  test('descriptions and defaults name nothing that is hidden', () => {
    const names = [...fieldRules.keys()];
    for (const name of [...roles, ...others]) {
      const { caller } = callerNamed(name);
      const text = printVisibleSchema(contract, name);
      const written = new Set(text.match(/\b[A-Z]\w*\.[a-z]\w*/g));
      const hidden = names.filter((one) => !meets(fieldRules.get(one)!, caller));
      expect([name, hidden.filter((one) => written.has(one))]).toEqual([name, []]);
    }
  });

  test('what the schema of a caller allows is never denied', () => {
    const callers = fc.oneof(
      fc.constantFrom(...roles, ...others).map((name) => callerNamed(name).caller),
      fc.record({
        authenticated: fc.constant(true),
        level: fc.constantFrom(...LEVELS),
        capabilities: fc.subarray([...CAPABILITIES]).map((all) => new Set<string>(all)),
      }),
    );
    const { schema, index } = contract;
    const visible = new VisibleSchemas(index, schema);
    const property = fc.property(callers, fc.integer(), (caller: Caller, seed) => {
      const shown = visible.for(caller);
      const document = parse(operationOfChance(shown, new Random(seed)));
      expect(validate(shown, document)).toEqual([]);
      expect(validate(schema, document)).toEqual([]);
      expect(authorizeOperation({ index, schema, document, caller }).denials).toEqual([]);
      expect(checkInputs(index, schema, document, undefined, {}, caller)).toEqual([]);
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('a name that nobody has, and an additive permission alone', () => {
    expect(() => callerNamed('principal')).toThrow('There is no principal.');
    expect(() => callerNamed('IEP_SUBMITTER')).toThrow('DATA_WRITER+IEP_SUBMITTER');
    expect(() => callerNamed('DATA_READER+IEP_SUBMITTER')).toThrow('IEP_SUBMITTER adds nothing to DATA_READER.');
    expect(callerNamed('submitter.acadia').caller).toEqual(
      callerNamed('DATA_WRITER+IEP_SUBMITTER+SECURE_ID_EDITOR').caller,
    );
  });
});
