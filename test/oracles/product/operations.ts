/** Operations over the schema that a caller sees, and the ones that people wrote into tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import type { TestSystem } from '../../harness/system';
import type { Perspective } from './perspectives';

/** Names of fields that tell of rows beyond the scope on purpose, and are audited (SEIS-16, V-045). */
export const SANCTIONED: readonly string[] = ['locateStudent'];

/** The schema as introspection shows it to the caller. */
export async function visibleSchema(system: TestSystem, { who, headers }: Perspective): Promise<GraphQLSchema> {
  const { data } = await system.ask(who, getIntrospectionQuery(), {}, headers);
  return buildClientSchema(data);
}

/** By root field and argument (`student.id`): what to ask for, one operation each. */
type Ids = Readonly<Record<string, readonly string[]>>;
type Field = GraphQLField<unknown, unknown>;

/**
 * For every query: everything that it answers, three objects deep, as one operation for each branch, so that none is too
 * large.
 */
export function generatedOperations(schema: GraphQLSchema, ids: Ids): string[] {
  const selections = new Selections(schema);
  const fields = Object.values(schema.getQueryType()!.getFields()).filter(({ name }) => !SANCTIONED.includes(name));
  return fields.flatMap((field) =>
    calls(field, ids).flatMap((args) =>
      selections.branches(field, 3).map((below) => `{ ${field.name}${args}${below} }`),
    ),
  );
}

class Selections {
  constructor(private readonly schema: GraphQLSchema) {}

  /** One selection set for each object below the answered one. */
  branches({ type }: Field, depth: number): string[] {
    const named = getNamedType(type);
    if (!isCompositeType(named)) return [''];
    const rows = isObjectType(named) ? named.getFields().nodes : undefined;
    const own = leaves(named);
    if (rows)
      return this.branches(rows, depth).map(
        (below) => `{ ${own} pageInfo { hasNextPage endCursor } edges { cursor } nodes ${below} }`,
      );
    const objects = objectFields(named);
    if (!objects.length) return [this.whole(named, depth)];
    return objects.map((field) => `{ __typename ${own} ${this.below(field, depth)} }`);
  }

  private below(field: Field, depth: number): string {
    const page = field.args.some(({ name }) => name === 'first') ? '(first: 5)' : '';
    return `${field.name}${page} ${this.whole(getNamedType(field.type), depth - 1)}`;
  }

  private whole(type: GraphQLNamedType, depth: number): string {
    if (isAbstractType(type)) return `{ __typename ${this.members(type, depth)} }`;
    const objects = depth > 1 ? objectFields(type).map((field) => this.below(field, depth)) : [];
    return `{ __typename ${leaves(type)} ${objects.join(' ')} }`;
  }

  private members(type: GraphQLAbstractType, depth: number): string {
    const parts = this.schema.getPossibleTypes(type).map((one) => {
      const objects = depth > 1 ? objectFields(one).map((field) => this.below(field, depth)) : [];
      return `... on ${one.name} { ${leaves(one)} ${objects.join(' ')} }`;
    });
    return parts.join(' ');
  }
}

const takesNothing = ({ args }: Field) =>
  args.every((one) => !isNonNullType(one.type) || one.defaultValue !== undefined);

function fieldsOf(type: GraphQLNamedType): Field[] {
  return isObjectType(type) ? Object.values(type.getFields()).filter(takesNothing) : [];
}
const leafFields = (type: GraphQLNamedType) => fieldsOf(type).filter((one) => !isCompositeType(getNamedType(one.type)));
const leaves = (type: GraphQLNamedType): string =>
  leafFields(type)
    .map(({ name }) => name)
    .join(' ');
/** Without what only repeats the rows of `nodes`. */
const objectFields = (type: GraphQLNamedType) =>
  fieldsOf(type).filter(({ name, type: of }) => isCompositeType(getNamedType(of)) && name !== 'edges');

function calls({ name, args }: Field, ids: Ids): string[] {
  const required = args.filter(({ type, name: argument }) => isNonNullType(type) || argument === 'first');
  const values = (argument: string, type: GraphQLInputType): readonly string[] =>
    ids[`${name}.${argument}`]?.map((one) => JSON.stringify(one)) ?? [argument === 'first' ? '100' : literal(type)];
  let all: string[][] = [[]];
  for (const { name: argument, type } of required)
    all = all.flatMap((before) => values(argument, type).map((value) => [...before, `${argument}: ${value}`]));
  return all.map((given) => (given.length ? `(${given.join(', ')})` : ''));
}

const LITERALS: Record<string, string> = { Int: '1', Boolean: 'true', Date: '"2026-10-01"', ID: '"none"' };

function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType);
  if (isListType(type)) return `[${literal(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (!isInputObjectType(type)) return LITERALS[type.name] ?? '"a"';
  const required = Object.values(type.getFields()).filter((one) => isNonNullType(one.type));
  return `{ ${required.map((one) => `${one.name}: ${one.name === 'from' ? '"2020-01-01"' : literal(one.type)}`).join(', ')} }`;
}

/** Queries without required variables that stand in the tests of this repository. */
export function handWrittenOperations(schema: GraphQLSchema): string[] {
  const root = join(__dirname, '..', '..', '..');
  const files = ['test/scenarios', 'subgraphs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, folder, file)),
  );
  const texts = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(['`])\s*((?:query\b[^'`{]*)?\{[^'`]*\})\s*\1/g)].map(
      (match) => match[2]!,
    ),
  );
  return [...new Set(texts)].filter((text) => {
    try {
      const document = parse(text);
      const [operation] = document.definitions;
      if (
        operation?.kind !== 'OperationDefinition' ||
        operation.variableDefinitions?.some((one) => one.type.kind === 'NonNullType')
      )
        return false;
      return validate(schema, document).length === 0;
    } catch {
      return false;
    }
  });
}
