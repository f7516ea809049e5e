import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildASTSchema,
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  parse,
} from 'graphql';

/** The composed schema, as the gateway serves it. */
export const schema: GraphQLSchema = buildASTSchema(
  parse(readFileSync(join(__dirname, '..', '..', 'schema', 'supergraph.graphql'), 'utf8')),
  { assumeValid: true },
);

type RootField = GraphQLField<unknown, unknown>;
export const mutations: RootField[] = Object.values(schema.getMutationType()!.getFields());
export const queries: RootField[] = Object.values(schema.getQueryType()!.getFields());

/** A place for one value: where it stands and what it may be. */
export interface Leaf {
  /** Such as `input.participants.0.name`. */
  path: string;
  name: string;
  /** Name of the scalar or enum. */
  type: string;
  values?: readonly string[];
  required: boolean;
  inList: boolean;
}

/** Gives the value of a leaf; undefined leaves it out. */
export type ValueOf = (leaf: Leaf) => unknown;

/** All variables of a root field, with a value at every leaf. */
export function variablesOf(field: RootField, valueOf: ValueOf): Record<string, unknown> {
  return withoutGaps(
    Object.fromEntries(field.args.map((argument) => [argument.name, valueAt(argument, argument.name, valueOf)])),
  );
}

function valueAt({ name, type }: GraphQLArgument | GraphQLInputField, path: string, valueOf: ValueOf): unknown {
  const leafOf = (inner: GraphQLInputType, inList: boolean, at: string): unknown => {
    const nullable = getNullableType(inner);
    if (isListType(nullable)) return withoutUndefined([leafOf(nullable.ofType, true, `${at}.0`)]);
    if (isInputObjectType(nullable)) {
      return withoutGaps(
        Object.fromEntries(
          Object.values(nullable.getFields()).map((field) => [
            field.name,
            valueAt(field, `${at}.${field.name}`, valueOf),
          ]),
        ),
      );
    }
    const values = isEnumType(nullable) ? nullable.getValues().map((value) => value.name) : undefined;
    return valueOf({ path: at, name, type: nullable.name, values, required: isNonNullType(type), inList });
  };
  return leafOf(type, false, path);
}

const withoutGaps = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
const withoutUndefined = (list: unknown[]): unknown[] => list.filter((value) => value !== undefined);

/** The leaves of a root field. */
export function leavesOf(field: RootField): Leaf[] {
  const leaves: Leaf[] = [];
  variablesOf(field, (leaf) => void leaves.push(leaf));
  return leaves;
}

/** The operation that calls a root field with all its arguments as variables. */
export function operationOf(kind: 'query' | 'mutation', field: RootField): string {
  const named = getNamedType(field.type);
  const declared = field.args.map((argument) => `$${argument.name}: ${String(argument.type)}`);
  const passed = field.args.map((argument) => `${argument.name}: $${argument.name}`);
  const call = `${field.name}${passed.length ? `(${passed.join(', ')})` : ''}`;
  const selection = isLeafType(named)
    ? ''
    : kind === 'mutation'
      ? '{ errors { code message path severity } }'
      : '{ __typename }';
  return `${kind} Call${declared.length ? `(${declared.join(', ')})` : ''} { ${call} ${selection} }`;
}

/** The text of the operation with another value at one leaf. */
export const replacing =
  (plausible: ValueOf, path: string, value: unknown): ValueOf =>
  (leaf) =>
    leaf.path === path ? value : plausible(leaf);

const LONG = 'x'.repeat(100_001);
/** NUL, a character beyond the basic plane, quotes, SQL, markup, wildcards. */
const ODD = 'a\u0000\u{1F600}\'"`; DROP TABLE student; -- <b>%_\\ {}';

/** Values that a type admits and that a service must still be able to take or to refuse. */
export function awkwardValues({ type, name }: Leaf): [what: string, value: unknown][] {
  if (name === 'first')
    return [
      ['zero', 0],
      ['negative', -1],
      ['too many', 101],
      ['the greatest', 2_147_483_647],
    ];
  switch (type) {
    case 'String':
      return [
        ['empty', ''],
        ['blank', ' \t '],
        ['odd', ODD],
        ['over-long', LONG],
      ];
    case 'ID':
      return [
        ['empty', ''],
        ['unknown', 'nobody-0'],
        ['odd', ODD],
        ['over-long', LONG],
        ['a number', 17],
      ];
    case 'Int':
      return [
        ['zero', 0],
        ['negative', -2_147_483_648],
        ['the greatest', 2_147_483_647],
      ];
    case 'Date':
      return [
        ['the first', '1900-01-01'],
        ['the last', '2199-12-31'],
        ['a leap day', '2024-02-29'],
      ];
    case 'DateTime':
      return [
        ['the first', '1900-01-01T00:00:00Z'],
        ['the last', '2199-12-31T23:59:59.999Z'],
      ];
    default:
      return [];
  }
}

/** Values that a type refuses: whoever sends one gets BAD_USER_INPUT, whatever else is right. */
export function refusedValues({ type, values, required, inList }: Leaf): [what: string, value: unknown][] {
  const mistakes: Record<string, [string, unknown][]> = {
    String: [
      ['a number', 5],
      ['an object', { a: 1 }],
      ['a list', ['a', 'b']],
    ],
    ID: [
      ['an object', { id: 1 }],
      ['a fraction', 1.5],
      ['a boolean', true],
    ],
    Int: [
      ['text', '5'],
      ['a fraction', 1.5],
      ['too great', 3_000_000_000],
      ['a boolean', true],
    ],
    Boolean: [
      ['text', 'true'],
      ['a number', 1],
    ],
    Date: [
      ['31 February', '2015-02-31'],
      ['no leap year', '2015-02-29'],
      ['month 13', '2015-13-01'],
      ['words', 'yesterday'],
      ['an instant', '2015-02-03T00:00:00Z'],
      ['another notation', '03/02/2015'],
      ['a number', 20150203],
      ['year 0', '0000-01-01'],
      ['before there are records', '1899-12-31'],
    ],
    DateTime: [
      ['a day', '2015-02-03'],
      ['31 February', '2015-02-31T00:00:00Z'],
      ['a number', 0],
    ],
  };
  const wrong = values
    ? ([
        ['an unknown value', 'NO_SUCH_VALUE'],
        ['lower case', values[0]!.toLowerCase()],
        ['a number', 0],
      ] as [string, unknown][])
    : (mistakes[type] ?? []);
  return required || inList ? [...wrong, ['null', null]] : wrong;
}
