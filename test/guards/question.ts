/** Operations that meet one place of a schema and, on the way there, nothing that the caller may not have. */
import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

type Field = GraphQLField<unknown, unknown>;
/** Wraps a selection of some type so that it becomes an operation. */
type Way = { wrap(selection: string): string; key: readonly string[] };

/** A value of each scalar that is well formed and names nothing. */
const NOTHING: Record<string, string> = {
  Int: '1',
  Boolean: 'true',
  Date: '"2026-10-01"',
  DateTime: '"2026-10-01T00:00:00Z"',
};
type Values = ReadonlyMap<string, string>;

export class Questions {
  private readonly ways = new Map<string, Way>();

  /** @param maySelect what the caller may select, by coordinate: other fields are no way anywhere */
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly maySelect: (coordinate: string) => boolean,
  ) {
    for (const type of [schema.getQueryType(), schema.getMutationType()])
      if (type) this.ways.set(type.name, { wrap: (below) => `${type.name.toLowerCase()} { ${below} }`, key: [] });
    for (const type of this.ways.keys()) this.goOn(type);
  }

  /** Selects one field. Null when the caller comes to no object of its type. */
  ofField(coordinate: string, values: Values = new Map()): { text: string; path: string } | null {
    const [type, name] = coordinate.split('.') as [string, string];
    const way = this.ways.get(type);
    const field = way && this.fieldsOf(type)[name];
    if (!way || !field) return null;
    const below = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
    return {
      text: way.wrap(`${name}${argumentsOf(coordinate, field, values)}${below}`),
      path: [...way.key, name].join('.'),
    };
  }

  /** Selects fields that take an input there: `Type.field(argument:)`, `Input.field`, `Enum.VALUE`. */
  ofInput(coordinate: string): string[] {
    const found: string[] = [];
    for (const type of this.ways.keys())
      for (const field of Object.values(this.fieldsOf(type)))
        for (const argument of field.args) {
          const at = `${type}.${field.name}(${argument.name}:)`;
          const value = at === coordinate ? valueOf(argument.type) : valueWith(argument.type, coordinate);
          const question = value && this.ofField(`${type}.${field.name}`, new Map([[at, value]]));
          if (question) found.push(question.text);
        }
    return found;
  }

  private goOn(type: string): void {
    const way = this.ways.get(type)!;
    for (const [name, field] of Object.entries(this.fieldsOf(type))) {
      const coordinate = `${type}.${name}`;
      const answers = getNamedType(field.type);
      if (!isCompositeType(answers) || !this.maySelect(coordinate)) continue;
      const call = `${name}${argumentsOf(coordinate, field, new Map())}`;
      this.open(answers, { wrap: (below) => way.wrap(`${call} { ${below} }`), key: [...way.key, name] });
    }
  }

  private open(type: GraphQLNamedType, way: Way): void {
    if (!this.ways.has(type.name)) this.ways.set(type.name, way);
    if (!isAbstractType(type)) return;
    for (const { name } of this.schema.getPossibleTypes(type))
      if (!this.ways.has(name))
        this.ways.set(name, { ...way, wrap: (below) => way.wrap(`... on ${name} { ${below} }`) });
  }

  private fieldsOf(type: string): Record<string, Field> {
    const found = this.schema.getType(type);
    return found && 'getFields' in found ? (found.getFields() as Record<string, Field>) : {};
  }
}

function argumentsOf(coordinate: string, { args }: Field, values: Values): string {
  const given = args.flatMap((argument: GraphQLArgument) => {
    const value = values.get(`${coordinate}(${argument.name}:)`);
    return value || isRequiredArgument(argument) ? [`${argument.name}: ${value ?? valueOf(argument.type)}`] : [];
  });
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

/** The least value of a type: required fields alone. */
function valueOf(type: GraphQLInputType): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return `[${valueOf(nullable.ofType)}]`;
  if (isEnumType(nullable))
    return (nullable.getValues().find(({ name }) => name === 'NAME') ?? nullable.getValues()[0]!).name;
  if (isInputObjectType(nullable))
    return objectOf(Object.values(nullable.getFields()).filter(isRequiredInputField), {});
  // A representation names an entity; there is none of this kind.
  return nullable.name === '_Any' ? '{ __typename: "Nothing" }' : (NOTHING[nullable.name] ?? '"none"');
}

/** A value that has the element of this coordinate in it; null when the type has no place for it. */
function valueWith(type: GraphQLInputType, coordinate: string, seen: readonly string[] = []): string | null {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const item = valueWith(nullable.ofType, coordinate, seen);
    return item && `[${item}]`;
  }
  if (isEnumType(nullable)) {
    const value = nullable.getValues().find(({ name }) => `${nullable.name}.${name}` === coordinate);
    return value?.name ?? null;
  }
  if (!isInputObjectType(nullable) || seen.includes(nullable.name)) return null;
  const fields = Object.values(nullable.getFields());
  for (const field of fields) {
    const isIt = `${nullable.name}.${field.name}` === coordinate;
    const value = isIt ? valueOf(field.type) : valueWith(field.type, coordinate, [...seen, nullable.name]);
    if (value)
      return objectOf([field, ...fields.filter((one) => one !== field && isRequiredInputField(one))], {
        [field.name]: value,
      });
  }
  return null;
}

const objectOf = (fields: readonly GraphQLInputField[], values: Record<string, string>): string =>
  `{ ${fields.map(({ name, type }) => `${name}: ${values[name] ?? valueOf(type)}`).join(', ')} }`;
