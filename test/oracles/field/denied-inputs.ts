/** `@reads`: an input that is given, by the operation, a variable or any default, takes the right to read what it reads. */
import { type FieldNode, Kind, parseValue, type TypeNode, type ValueNode, type VariableDefinitionNode } from 'graphql';
import { namedType, type Reading } from './reading';

interface Given {
  definitions: ReadonlyMap<string, VariableDefinitionNode>;
  values: Readonly<Record<string, unknown>>;
}

/** Ways to the denied inputs of one field: argument, then input fields. List positions are left out. */
export function deniedInputs(
  reading: Reading,
  parent: string,
  node: FieldNode,
  given: Given,
  atoms: ReadonlySet<string>,
): string[] {
  const field = reading.types.get(parent)?.fields.get(node.name.value);
  const found = new Set<string>();
  const check = (coordinates: Iterable<string>, way: readonly string[]) => {
    if (!reading.mayRead(coordinates, atoms)) found.add(way.join('.'));
  };

  /** The value with variables in place of their names; undefined when there is none. */
  const resolved = (value: ValueNode | undefined): ValueNode | undefined => {
    if (value?.kind !== Kind.VARIABLE) return value;
    const name = value.name.value;
    // JSON without quotes around keys is a GraphQL literal, but for enum values: their names come as strings.
    if (Object.hasOwn(given.values, name)) return parseValue(literal(given.values[name]));
    return given.definitions.get(name)?.defaultValue;
  };
  const inspect = (type: TypeNode, value: ValueNode, way: readonly string[]): void => {
    if (value.kind === Kind.LIST) {
      for (const item of value.values) {
        const present = resolved(item);
        if (present) inspect(type, present, way);
      }
      return;
    }
    const read = reading.types.get(namedType(type));
    if (read?.kind === 'enum' && (value.kind === Kind.ENUM || value.kind === Kind.STRING))
      check(read.values.get(value.value) ?? [], way);
    if (read?.kind !== 'input' || value.kind !== Kind.OBJECT) return;
    for (const [name, input] of read.inputs) {
      const below = resolved(value.fields.find((one) => one.name.value === name)?.value) ?? input.default;
      if (!below) continue;
      check(input.reads, [...way, name]);
      inspect(input.type, below, [...way, name]);
    }
  };
  for (const [name, argument] of field?.args ?? []) {
    const value = resolved(node.arguments?.find((one) => one.name.value === name)?.value) ?? argument.default;
    if (!value) continue;
    check(reading.readsOfArgument(parent, node.name.value, name), [name]);
    inspect(argument.type, value, [name]);
  }
  return [...found];
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key}: ${literal(one)}`)
    .join(', ')} }`;
}
