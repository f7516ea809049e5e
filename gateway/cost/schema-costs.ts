/** What the supergraph's `@cost` and `@listSize` say, ready for look-up (IBM's cost specification, as Federation 2.9 has it). */
import {
  buildASTSchema,
  type ConstDirectiveNode,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLOutputType,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { directiveNames, type LinkedSpec, linkedSpecs } from '../authorize/linked-directives';

const COST_SPEC = 'https://specs.apollo.dev/cost';
/** Of a list that says nothing about its size. */
const ASSUMED_SIZE = 5;
/** What a mutation costs beside its answer. */
const MUTATION = 10;
/** The schema is printed from memory, but all of it: it weighs as much as several pages. */
const INTROSPECTION: Readonly<Record<string, [type: string, weight: number]>> = {
  __schema: ['__Schema', 500],
  __type: ['__Type', 50],
};

/** How long a list is: the largest slicing argument, and without any the assumed size. */
export interface ListSize {
  readonly assumed: number;
  /** Arguments that give the size, with their defaults in the schema. */
  readonly slicing: ReadonlyMap<string, number | undefined>;
  /** Fields of the returned type that have this size, in place of the field itself. */
  readonly sized: ReadonlySet<string>;
}

export interface FieldCost {
  /** Once per call. */
  readonly weight: number;
  /** Of each argument that is given. */
  readonly argumentWeights: ReadonlyMap<string, number>;
  /** Of each value that it answers: `@cost` of its type, or 1 for an object and 0 for a leaf. */
  readonly each: number;
  readonly isList: boolean;
  readonly size: ListSize;
  readonly returns: string;
}

/** Cost of a field by type and name; undefined when there is no such field, which validation refuses. */
export interface SchemaCosts {
  readonly roots: Readonly<Partial<Record<'query' | 'mutation' | 'subscription', string>>>;
  field(type: string, name: string): FieldCost | undefined;
}

/**
 * @throws Error when a `@cost` stands where it would not be counted
 */
export function readSchemaCosts(supergraphSdl: string): SchemaCosts {
  const document = parse(supergraphSdl, { noLocation: true });
  const schema = buildASTSchema(document, { assumeValidSDL: true, assumeValid: true });
  const reader = new CostReader(schema, linkedSpecs(document));
  const fields = new Map<string, FieldCost>();
  const [query, mutation] = [schema.getQueryType()?.name, schema.getMutationType()?.name];
  for (const type of Object.values(schema.getTypeMap())) {
    reader.refuseUncounted(type);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields()))
      fields.set(`${type.name}.${field.name}`, reader.field(field, type.name === mutation ? MUTATION : 0));
  }
  for (const [name, [returns, weight]] of Object.entries(INTROSPECTION))
    fields.set(`${query}.${name}`, { ...INTROSPECTED, weight, returns });
  return { roots: { query, mutation }, field: (type, name) => fields.get(`${type}.${name}`) };
}

const UNSIZED: ListSize = { assumed: ASSUMED_SIZE, slicing: new Map(), sized: new Set() };
const INTROSPECTED = { argumentWeights: new Map<string, number>(), each: 1, isList: false, size: UNSIZED };

type Annotated = { astNode?: { directives?: readonly ConstDirectiveNode[] } | null };

class CostReader {
  private readonly cost: ReadonlySet<string>;
  private readonly listSize: ReadonlySet<string>;

  constructor(
    private readonly schema: GraphQLSchema,
    specs: readonly LinkedSpec[],
  ) {
    this.cost = directiveNames(specs, COST_SPEC, 'cost');
    this.listSize = directiveNames(specs, COST_SPEC, 'listSize');
  }

  field(field: GraphQLField<unknown, unknown>, base: number): FieldCost {
    const weights = field.args.map((argument) => [argument.name, this.weight(argument) ?? 0] as const);
    const returned = getNamedType(field.type);
    return {
      weight: base + (this.weight(field) ?? 0),
      argumentWeights: new Map(weights.filter(([, weight]) => weight !== 0)),
      each: this.each(returned),
      isList: isList(field.type),
      size: this.size(field),
      returns: returned.name,
    };
  }

  /** Input objects are not walked: what costs by its input says so on the argument. */
  refuseUncounted(type: GraphQLNamedType): void {
    if (!isInputObjectType(type)) return;
    for (const field of Object.values(type.getFields()))
      if (this.weight(field) !== undefined)
        throw new Error(`@cost on ${type.name}.${field.name} is not counted: put it on the argument`);
  }

  /** Of an interface or union, its costliest member. */
  private each(type: GraphQLNamedType): number {
    const own = this.weight(type) ?? (isCompositeType(type) ? 1 : 0);
    const members = isAbstractType(type) ? this.schema.getPossibleTypes(type) : [];
    return Math.max(own, ...members.map((member) => this.weight(member) ?? 1));
  }

  private weight(element: Annotated): number | undefined {
    const weight = applied(element, this.cost)?.weight;
    return weight === undefined ? undefined : Number(weight);
  }

  /** That its arguments and fields exist and fit, composition has checked. */
  private size(field: GraphQLField<unknown, unknown>): ListSize {
    const given = applied(field, this.listSize) as
      { assumedSize?: number | null; slicingArguments?: string[] | null; sizedFields?: string[] | null } | undefined;
    if (!given) return UNSIZED;
    const byDefault = (name: string): number | undefined => {
      const value = field.args.find((argument) => argument.name === name)?.defaultValue;
      return typeof value === 'number' ? value : undefined;
    };
    return {
      assumed: given.assumedSize ?? ASSUMED_SIZE,
      slicing: new Map((given.slicingArguments ?? []).map((name) => [name, byDefault(name)])),
      sized: new Set(given.sizedFields ?? []),
    };
  }
}

const isList = (type: GraphQLOutputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);

function applied(element: Annotated, names: ReadonlySet<string>): Record<string, unknown> | undefined {
  const node = element.astNode?.directives?.find(({ name }) => names.has(name.value));
  return (
    node && Object.fromEntries((node.arguments ?? []).map((one) => [one.name.value, valueFromASTUntyped(one.value)]))
  );
}
