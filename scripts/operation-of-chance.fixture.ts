import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
} from 'graphql';
import type { Random } from './seed/random';

const DEPTH = 5;

/** A valid operation on a schema, by chance; the fields of every object carry aliases, so that no two of them conflict. */
export function operationOfChance(schema: GraphQLSchema, random: Random): string {
  const mutation = schema.getMutationType();
  const isMutation = mutation && random.next() < 0.3;
  const root = isMutation ? mutation : schema.getQueryType()!;
  let aliases = 0;

  const selectionOf = (type: GraphQLNamedType, depth: number): string => {
    const selections = ['__typename'];
    if (isAbstractType(type)) {
      const member = random.pick(schema.getPossibleTypes(type));
      if (depth > 0) selections.push(`... on ${member.name} ${selectionOf(member, depth - 1)}`);
    }
    if (isUnionType(type) || !('getFields' in type) || isInputObjectType(type)) return `{ ${selections.join(' ')} }`;
    const fields = Object.values(type.getFields()).filter((field) => depth > 0 || !isComposite(field.type));
    for (const field of random.shuffle(fields).slice(0, random.int(1, 4))) {
      const given = field.args.filter((argument) => isRequiredArgument(argument) || random.next() < 0.4);
      const values = given.map((argument) => `${argument.name}: ${valueOf(argument.type, 3)}`);
      const list = values.length > 0 ? `(${values.join(', ')})` : '';
      const below = isComposite(field.type) ? ` ${selectionOf(getNamedType(field.type), depth - 1)}` : '';
      selections.push(`a${aliases++}: ${field.name}${list}${below}`);
    }
    return `{ ${selections.join(' ')} }`;
  };
  const valueOf = (type: GraphQLInputType, depth: number): string => {
    const nullable = getNullableType(type);
    if (nullable === type && random.next() < 0.1) return 'null';
    if (isListType(nullable)) return `[${valueOf(nullable.ofType, depth)}]`;
    if (isEnumType(nullable)) return random.pick(nullable.getValues()).name;
    if (!isInputObjectType(nullable)) return SCALARS[nullable.toString()] ?? '"x"';
    const fields = Object.values(nullable.getFields());
    const given = fields.filter((field) => isRequiredInputField(field) || (depth > 0 && random.next() < 0.5));
    return `{ ${given.map((field) => `${field.name}: ${valueOf(field.type, depth - 1)}`).join(', ')} }`;
  };
  return `${isMutation ? 'mutation' : 'query'} ${selectionOf(root, DEPTH)}`;
}

const SCALARS: Record<string, string> = {
  Int: '1',
  Float: '1.5',
  Boolean: 'true',
  Date: '"2026-02-03"',
  DateTime: '"2026-02-03T10:00:00Z"',
};

const isComposite = (type: Parameters<typeof getNamedType>[0]): boolean => {
  const named = getNamedType(type)!;
  return isCompositeType(named) && (isObjectType(named) || isAbstractType(named));
};
