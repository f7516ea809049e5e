/** Rules on the composed graph, where the requirements of all subgraphs have come together. */
import { type FieldNode, type InterfaceTypeDefinitionNode, Kind, type ObjectTypeDefinitionNode, parse } from 'graphql';
import { directiveNames, linkedSpecs, stringArgument } from '../authorize/linked-directives';
import { type PolicyIndex, readPolicies } from '../authorize/policy-index';
import { ALWAYS, and, implies, type Requirement } from '../authorize/requirement';

const JOIN_SPEC = 'https://specs.apollo.dev/join';

type KeyedType = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/**
 * Everything that would leave a hole in this supergraph, as sentences: fields without a rule, malformed rules, `@reads` of
 * fields that do not exist, keys guarded beyond their type. Empty when there is none.
 */
export function lintSupergraph(supergraphSdl: string): string[] {
  const { index, problems } = readPolicies(supergraphSdl);
  return [...problems, ...guardedKeys(supergraphSdl, index)];
}

/**
 * A key travels to every subgraph that extends the type, so a rule on it that the type lacks would protect nothing
 * internally and confuse whoever reads the schema.
 */
function guardedKeys(supergraphSdl: string, index: PolicyIndex): string[] {
  const document = parse(supergraphSdl);
  const joinType = directiveNames(linkedSpecs(document), JOIN_SPEC, 'type');
  const keyed = document.definitions.filter(
    (node): node is KeyedType =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION,
  );
  const problems = keyed.flatMap((type) => {
    const applied = (type.directives ?? []).filter((node) => joinType.has(node.name.value));
    const keys = applied.map((node) => stringArgument(node, 'key')).filter((key) => key !== undefined);
    const allowed = index.types.get(type.name.value) ?? ALWAYS;
    return [...new Set(keys.flatMap(keyFields))]
      .filter((field) => !implies(allowed, ruleOfKeyField(index, type, field)))
      .map((field) => `${type.name.value}.${field} is a @key field and guarded beyond its type`);
  });
  return [...new Set(problems)];
}

/** Only the first level of the key: what lies deeper belongs to another type, with its own rule. */
function keyFields(key: string): string[] {
  const operation = parse(`{ ${key} }`).definitions[0];
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return [];
  const isField = (node: { kind: Kind }): node is FieldNode => node.kind === Kind.FIELD;
  return operation.selectionSet.selections.filter(isField).map((field) => field.name.value);
}

/** The field's own rule and that of a guarded scalar or enum; a composite type judges its own fields. */
function ruleOfKeyField(index: PolicyIndex, type: KeyedType, name: string): Requirement {
  const own = index.fields.get(`${type.name.value}.${name}`) ?? ALWAYS;
  let returned = type.fields?.find((field) => field.name.value === name)?.type;
  while (returned && returned.kind !== Kind.NAMED_TYPE) returned = returned.type;
  const isComposite = index.selections.has(`${returned?.name.value}.__typename`);
  return and(own, (!isComposite && index.types.get(returned?.name.value ?? '')) || ALWAYS);
}
