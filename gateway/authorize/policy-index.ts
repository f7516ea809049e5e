/**
 * From the composed supergraph to one requirement per coordinate. Computed once per supergraph; every decision at run
 * time is a look-up.
 */
import {
  type ConstDirectiveNode,
  getNamedType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  buildASTSchema,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isTypeExtensionNode,
  isUnionType,
  parse,
} from 'graphql';
import {
  directiveNames,
  type LinkedSpec,
  linkedSpecs,
  readCoordinates,
  READS_SPEC,
  readRule,
  RULE_KINDS,
  ruleNames,
  ruleSpec,
} from './linked-directives';
import { supergraphHash } from './policy-hash';
import { ALWAYS, and, fromDirectives, type Requirement } from './requirement';

export { boundHash } from './policy-hash';
export { stripSupergraph } from './strip-supergraph';

export interface PolicyIndex {
  /** SHA-256 of the supergraph that the index was made from. */
  readonly hash: string;
  /** Type name to requirement; of an interface or union the AND of everything that it can be at run time. */
  readonly types: ReadonlyMap<string, Requirement>;
  /** `Type.field` to the rule on the field alone; of an interface field AND-ed over the same field of its implementers. */
  readonly fields: ReadonlyMap<string, Requirement>;
  /** `Type.field` to what selecting it takes: parent type ∧ field ∧ returned type. Holds `Type.__typename` too. */
  readonly selections: ReadonlyMap<string, Requirement>;
  /** `Type.field(argument:)`, `Input.field` or `Enum.VALUE` to the requirement of the fields that it reads. */
  readonly reads: ReadonlyMap<string, Requirement>;
  /** The same coordinates to the fields they name. */
  readonly readSources: ReadonlyMap<string, readonly string[]>;
}

/**
 * @throws Error listing everything that would leave a hole: a field without any rule, a malformed rule, `@reads` of a
 *   field that does not exist, a security specification that we do not know. Nothing is served without a policy.
 */
export function buildPolicyIndex(supergraphSdl: string): PolicyIndex {
  const { index, problems } = readPolicies(supergraphSdl);
  if (problems.length) throw new Error(`This supergraph has no complete policy:\n${problems.join('\n')}`);
  return index;
}

/** The index together with its problems, for the composition, which wants to list them all. */
export function readPolicies(supergraphSdl: string): { index: PolicyIndex; problems: string[] } {
  const document = parse(supergraphSdl);
  // The text comes from composition; the join specification's own elements need no second validation.
  const schema = buildASTSchema(document, { assumeValidSDL: true, assumeValid: true });
  const specs = linkedSpecs(document);
  const problems = specs
    .filter(isUnknownSecurity)
    .map((spec) => `${spec.identity} ${spec.version} is not a known rule`);
  // Composition writes none, and a rule on an extension would go unread.
  if (document.definitions.some(isTypeExtensionNode)) problems.push('a supergraph has no type extensions');
  const rules = ruleReader(specs, problems);

  const types = typeRequirements(schema, rules);
  const fields = fieldRequirements(schema, rules);
  problems.push(...uncoveredFields(schema, types, fields, directiveNames(specs, INACCESSIBLE_SPEC, 'inaccessible')));
  const selections = selectionRequirements(schema, types, fields);
  const { reads, readSources } = readRequirements(
    schema,
    directiveNames(specs, READS_SPEC, 'reads'),
    selections,
    problems,
  );
  return { index: { hash: supergraphHash(supergraphSdl), types, fields, selections, reads, readSources }, problems };
}

const INACCESSIBLE_SPEC = 'https://specs.apollo.dev/inaccessible';

type Composite = GraphQLObjectType | GraphQLInterfaceType;
type Annotated = { astNode?: { directives?: readonly ConstDirectiveNode[] } | null };
type RuleReader = (coordinate: string, element: Annotated) => Requirement;

function isUnknownSecurity(spec: LinkedSpec): boolean {
  if (RULE_KINDS.some((kind) => spec.identity === ruleSpec(kind))) return !spec.version.startsWith('v0.');
  return spec.purpose === 'SECURITY' && spec.identity !== INACCESSIBLE_SPEC;
}

function ruleReader(specs: readonly LinkedSpec[], problems: string[]): RuleReader {
  const names = ruleNames(specs);
  return (coordinate, element) => {
    const applied = (element.astNode?.directives ?? []).filter((node) => names.has(node.name.value));
    try {
      return fromDirectives(applied.map((node) => readRule(names.get(node.name.value)!, node)));
    } catch (error) {
      problems.push(`${coordinate}: ${(error as Error).message}`);
      return ALWAYS;
    }
  };
}

function typeRequirements(schema: GraphQLSchema, rules: RuleReader): Map<string, Requirement> {
  const own = new Map(outputTypes(schema).map((type) => [type.name, rules(type.name, type)]));
  const total = new Map<string, Requirement>();
  for (const type of outputTypes(schema)) {
    const members = isInterfaceType(type) || isUnionType(type) ? schema.getPossibleTypes(type) : [];
    total.set(type.name, and(own.get(type.name)!, ...members.map((member) => own.get(member.name)!)));
  }
  return total;
}

function fieldRequirements(schema: GraphQLSchema, rules: RuleReader): Map<string, Requirement> {
  const own = new Map<string, Requirement>();
  for (const [coordinate, field] of allFields(schema)) own.set(coordinate, rules(coordinate, field));
  const total = new Map(own);
  for (const type of compositeTypes(schema).filter(isInterfaceType)) {
    for (const name of Object.keys(type.getFields())) {
      const implementations = schema
        .getPossibleTypes(type)
        .map((member) => own.get(`${member.name}.${name}`) ?? ALWAYS);
      total.set(`${type.name}.${name}`, and(own.get(`${type.name}.${name}`)!, ...implementations));
    }
  }
  return total;
}

function selectionRequirements(
  schema: GraphQLSchema,
  types: ReadonlyMap<string, Requirement>,
  fields: ReadonlyMap<string, Requirement>,
): Map<string, Requirement> {
  const selections = new Map<string, Requirement>();
  for (const [coordinate, field, parent] of allFields(schema)) {
    const returned = types.get(getNamedType(field.type).name) ?? ALWAYS;
    selections.set(coordinate, and(types.get(parent.name)!, fields.get(coordinate)!, returned));
  }
  // Unions have no field but this one; asking which member it is takes the right to see any member (attack 13).
  for (const type of outputTypes(schema).filter(isCompositeType)) {
    selections.set(`${type.name}.__typename`, types.get(type.name)!);
  }
  return selections;
}

/** Every object field needs a rule on itself or on its type: "no rule" must never mean "public". */
function uncoveredFields(
  schema: GraphQLSchema,
  types: ReadonlyMap<string, Requirement>,
  fields: ReadonlyMap<string, Requirement>,
  inaccessible: ReadonlySet<string>,
): string[] {
  const isHidden = (element: Annotated) =>
    element.astNode?.directives?.some((node) => inaccessible.has(node.name.value)) ?? false;
  const isOpen = (requirement: Requirement | undefined) => !requirement || requirement.some((one) => one.length === 0);
  return allFields(schema)
    .filter(([, field, parent]) => isObjectType(parent) && !isHidden(parent) && !isHidden(field))
    .filter(([coordinate, , parent]) => isOpen(types.get(parent.name)) && isOpen(fields.get(coordinate)))
    .map(([coordinate]) => `${coordinate} has no rule, neither on itself nor on its type`);
}

function readRequirements(
  schema: GraphQLSchema,
  names: ReadonlySet<string>,
  selections: ReadonlyMap<string, Requirement>,
  problems: string[],
): { reads: Map<string, Requirement>; readSources: Map<string, readonly string[]> } {
  const readSources = new Map<string, readonly string[]>();
  for (const [coordinate, element] of inputElements(schema)) {
    try {
      const applied = (element.astNode?.directives ?? []).filter((node) => names.has(node.name.value));
      const sources = [...new Set(applied.flatMap(readCoordinates))].sort();
      for (const source of sources)
        if (!selections.has(source)) throw new Error(`@reads names ${source}, which does not exist`);
      if (sources.length) readSources.set(coordinate, sources);
    } catch (error) {
      problems.push(`${coordinate}: ${(error as Error).message}`);
    }
  }
  spreadToInterfaces(schema, readSources);
  const requirementOf = (sources: readonly string[]) => and(...sources.map((source) => selections.get(source)!));
  const reads = new Map([...readSources].map(([coordinate, sources]) => [coordinate, requirementOf(sources)]));
  return { reads, readSources };
}

/** An argument used through an interface carries what the same argument carries on any implementer. */
function spreadToInterfaces(schema: GraphQLSchema, readSources: Map<string, readonly string[]>): void {
  for (const type of compositeTypes(schema).filter(isInterfaceType)) {
    for (const field of Object.values(type.getFields())) {
      for (const argument of field.args) {
        const at = (typeName: string) => readSources.get(`${typeName}.${field.name}(${argument.name}:)`) ?? [];
        const sources = [type.name, ...schema.getPossibleTypes(type).map((one) => one.name)].flatMap(at);
        if (sources.length)
          readSources.set(`${type.name}.${field.name}(${argument.name}:)`, [...new Set(sources)].sort());
      }
    }
  }
}

function* inputElements(schema: GraphQLSchema): Generator<[string, Annotated]> {
  for (const [coordinate, field] of allFields(schema)) {
    for (const argument of field.args) yield [`${coordinate}(${argument.name}:)`, argument];
  }
  for (const type of outputTypes(schema, true)) {
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) yield [`${type.name}.${field.name}`, field];
    }
    if (isEnumType(type)) for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value];
  }
}

/** All types but introspection's, and but input objects unless asked for. */
function outputTypes(schema: GraphQLSchema, withInputs = false): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && (withInputs || !isInputObjectType(type)),
  );
}

function compositeTypes(schema: GraphQLSchema): Composite[] {
  return outputTypes(schema).filter((type): type is Composite => isObjectType(type) || isInterfaceType(type));
}

function allFields(schema: GraphQLSchema): [string, GraphQLField<unknown, unknown>, Composite][] {
  return compositeTypes(schema).flatMap((type) =>
    Object.values(type.getFields()).map((field): [string, GraphQLField<unknown, unknown>, Composite] => [
      `${type.name}.${field.name}`,
      field,
      type,
    ]),
  );
}
