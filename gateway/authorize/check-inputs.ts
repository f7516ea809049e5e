/**
 * `@reads`: filters, sort orders and free text can tell what a field holds without selecting it, so an input that reads a
 * field takes the right to read that field (attack 23).
 */
import {
  type DocumentNode,
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  Kind,
  type ValueNode,
} from 'graphql';
import { type ExecutedOperation, executedOperation, type FieldInPlace, walkFields } from './operation-walk';
import type { PolicyIndex } from './policy-index';
import { type Caller, isSatisfied, type Requirement } from './requirement';

export interface DeniedInput {
  /** `Type.field(argument:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  /** Response keys down to the field that takes the input; `"@"` for list positions. */
  readonly path: readonly string[];
  /** Argument, then input fields, down to the denied one; `"@"` for list positions. */
  readonly input: readonly string[];
}

/**
 * The inputs of an operation that the caller has no right to use. Any of them rejects the whole operation.
 *
 * An input counts when its value, defaults included, is anything but absent: `null` is a value, it can ask "where is
 * nothing". All fields of the executed operation count, those under `@skip` and denied ones too.
 *
 * @param document the client's document, not the filtered one
 * @param coercedVariables as graphql-js coerces them, with their defaults: `getVariableValues(…).coerced`
 * @throws GraphQLError (BAD_USER_INPUT) when the operation can't be determined or isn't valid
 */
export function checkInputs(
  index: PolicyIndex,
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  coercedVariables: Readonly<Record<string, unknown>>,
  caller: Caller,
): DeniedInput[] {
  const operation = executedOperation(schema, document, operationName);
  return checkInputSites(findInputSites(index, schema, operation), index, coercedVariables, caller);
}

/** An argument that can carry `@reads`, with what the operation writes there. */
export interface InputSite {
  readonly coordinate: string;
  readonly path: readonly string[];
  readonly argument: GraphQLArgument;
  readonly value: ValueNode | undefined;
}

/** The arguments of the operation on which `@reads` can matter. Depends on the text alone: found once, checked per request. */
export function findInputSites(index: PolicyIndex, schema: GraphQLSchema, operation: ExecutedOperation): InputSite[] {
  const sites: InputSite[] = [];
  const visit = ({ node, parent, definition, path }: FieldInPlace): void => {
    for (const argument of definition.args) {
      const coordinate = `${parent.name}.${definition.name}(${argument.name}:)`;
      const value = node.arguments?.find((one) => one.name.value === argument.name)?.value;
      if (!index.reads.has(coordinate) && !canRead(index, argument.type)) continue;
      sites.push({ coordinate, path, argument, value });
    }
  };
  walkFields(schema, operation, visit);
  return sites;
}

export function checkInputSites(
  sites: readonly InputSite[],
  index: PolicyIndex,
  variables: Readonly<Record<string, unknown>>,
  caller: Caller,
): DeniedInput[] {
  const denied: DeniedInput[] = [];
  visitReadingInputs(sites, index, variables, (requirement, input) => {
    if (!isSatisfied(requirement, caller)) denied.push(input);
  });
  return denied;
}

/** Calls `visit` for every input of the operation that carries `@reads` and has a value, with what it takes. */
export function visitReadingInputs(
  sites: readonly InputSite[],
  index: PolicyIndex,
  variables: Readonly<Record<string, unknown>>,
  visit: (requirement: Requirement, input: DeniedInput) => void,
): void {
  for (const { coordinate, path, argument, value } of sites) {
    const report: Report = (reading, input) => {
      const requirement = index.reads.get(reading);
      if (requirement) visit(requirement, { coordinate: reading, path, input });
    };
    const given = value && present(value, variables);
    const effective: Value = given ?? { coerced: argument.defaultValue };
    if (isAbsent(effective)) continue;
    report(coordinate, [argument.name]);
    checkValue(argument.type, effective, [argument.name], variables, report);
  }
}

type Report = (coordinate: string, input: readonly string[]) => void;
/** A value as written in the operation, or as coerced from a variable or a default of the schema. */
type Value = { literal: ValueNode } | { coerced: unknown };

function checkValue(
  type: GraphQLInputType,
  value: Value,
  input: readonly string[],
  variables: Readonly<Record<string, unknown>>,
  report: Report,
): void {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const { items, isList } = listItems(value, variables);
    const below = isList ? [...input, '@'] : input;
    for (const item of items)
      checkValue(isList ? nullable.ofType : getNamedType(nullable), item, below, variables, report);
  } else if (isInputObjectType(nullable)) checkFields(nullable, value, input, variables, report);
  else if (isEnumType(nullable)) {
    const name = enumName(nullable, value);
    if (name !== undefined) report(`${nullable.name}.${name}`, input);
  }
}

function checkFields(
  type: GraphQLInputObjectType,
  value: Value,
  input: readonly string[],
  variables: Readonly<Record<string, unknown>>,
  report: Report,
): void {
  if ('literal' in value ? value.literal.kind !== Kind.OBJECT : !isRecord(value.coerced)) return;
  for (const field of Object.values(type.getFields())) {
    const given = fieldValue(value, field.name, variables) ?? { coerced: field.defaultValue };
    if (isAbsent(given)) continue;
    const below = [...input, field.name];
    report(`${type.name}.${field.name}`, below);
    checkValue(field.type, given, below, variables, report);
  }
}

function fieldValue(value: Value, name: string, variables: Readonly<Record<string, unknown>>): Value | undefined {
  if ('coerced' in value) {
    const record = value.coerced as Record<string, unknown>;
    return Object.hasOwn(record, name) && record[name] !== undefined ? { coerced: record[name] } : undefined;
  }
  if (value.literal.kind !== Kind.OBJECT) return undefined;
  const literal = value.literal.fields.find((one) => one.name.value === name)?.value;
  return literal && present(literal, variables);
}

/** GraphQL reads a single value as a list of one. */
function listItems(value: Value, variables: Readonly<Record<string, unknown>>): { items: Value[]; isList: boolean } {
  if ('coerced' in value) {
    if (!Array.isArray(value.coerced)) return { items: [value], isList: false };
    return { items: value.coerced.map((coerced) => ({ coerced })), isList: true };
  }
  if (value.literal.kind !== Kind.LIST) return { items: [value], isList: false };
  return { items: value.literal.values.flatMap((item) => present(item, variables) ?? []), isList: true };
}

/** A literal, or the value of the variable that it is; undefined when that variable was not given. */
function present(literal: ValueNode, variables: Readonly<Record<string, unknown>>): Value | undefined {
  if (literal.kind !== Kind.VARIABLE) return { literal };
  const name = literal.name.value;
  if (!Object.hasOwn(variables, name) || variables[name] === undefined) return undefined;
  return { coerced: variables[name] };
}

function isAbsent(value: Value): boolean {
  return 'coerced' in value && value.coerced === undefined;
}

function enumName(type: GraphQLEnumType, value: Value): string | undefined {
  if ('literal' in value) return value.literal.kind === Kind.ENUM ? value.literal.value : undefined;
  return type.getValues().find((one) => one.value === value.coerced)?.name;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `@reads` stands anywhere in this type. */
function canRead(index: PolicyIndex, type: GraphQLInputType, seen = new Set<string>()): boolean {
  const named = getNamedType(type);
  if (seen.has(named.name)) return false;
  seen.add(named.name);
  if (isEnumType(named)) return named.getValues().some((value) => index.reads.has(`${named.name}.${value.name}`));
  if (!isInputObjectType(named)) return false;
  return Object.values(named.getFields()).some(
    (field) => index.reads.has(`${named.name}.${field.name}`) || canRead(index, field.type, seen),
  );
}
