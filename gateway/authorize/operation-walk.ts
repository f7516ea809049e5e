/**
 * The executed operation of a document, seen with the schema's eyes. Everything that can be said of a field node without
 * knowing where it is used (its parent type, its coordinate) is found in one pass that visits each named fragment once, so
 * documents that spread fragments in fragments (attack 44) cost no more than their length.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLField,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';

export interface ExecutedOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly rootType: GraphQLCompositeType;
}

export interface FieldInPlace {
  readonly node: FieldNode;
  readonly parent: GraphQLCompositeType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Response keys, `"@"` for list positions; where a fragment is spread at several places, the first of them. */
  readonly path: readonly string[];
}

/**
 * The one operation that will run. Other operations of the document are not looked at (attack 21).
 *
 * @throws GraphQLError (BAD_USER_INPUT) when the name fits no operation, or none is given and there are several
 */
export function executedOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): ExecutedOperation {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const named = operations.filter((node) => node.name?.value === operationName);
  const [operation, another] = operationName == null ? operations : named;
  if (!operation)
    throw badInput(operationName != null ? 'There is no operation of this name' : 'There is no operation');
  if (another) throw badInput('The document holds several operations: say which one');
  const rootType = schema.getRootType(operation.operation);
  if (!rootType) throw badInput(`There is no ${operation.operation}`);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  return { operation, fragments, rootType };
}

/**
 * Calls `visit` once for every field node that the operation can reach, parents first; `false` from it leaves the field's
 * own selections out. A fragment is visited once, with its own type condition, however often it is spread.
 *
 * @throws GraphQLError (BAD_USER_INPUT) on what validation should have refused: unknown fields and types, fragment cycles
 */
export function walkFields(
  schema: GraphQLSchema,
  { operation, fragments, rootType }: ExecutedOperation,
  visit: (field: FieldInPlace) => boolean | void,
): void {
  const done = new Set<string>();
  const open = new Set<string>();

  const walk = (set: SelectionSetNode, parent: GraphQLCompositeType, path: readonly string[]): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) walkField(selection, parent, path);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, conditionType(schema, selection.typeCondition?.name.value, parent), path);
      } else walkFragment(selection.name.value, parent, path);
    }
  };
  const walkField = (node: FieldNode, parent: GraphQLCompositeType, parentPath: readonly string[]): void => {
    const definition = fieldDefinition(schema, parent, node.name.value);
    if (!definition) throw badInput(`There is no field ${parent.name}.${node.name.value}`);
    const path = [...parentPath, responseKey(node)];
    if (visit({ node, parent, definition, path }) === false || !node.selectionSet) return;
    const returned = getNamedType(definition.type);
    if (isCompositeType(returned)) walk(node.selectionSet, returned, [...path, ...listPositions(definition.type)]);
  };
  const walkFragment = (name: string, parent: GraphQLCompositeType, path: readonly string[]): void => {
    const fragment = fragments.get(name);
    if (!fragment || open.has(name)) throw badInput(`The fragment ${name} is unknown or spreads itself`);
    if (done.has(name)) return;
    open.add(name);
    walk(fragment.selectionSet, conditionType(schema, fragment.typeCondition.name.value, parent), path);
    open.delete(name);
    done.add(name);
  };
  walk(operation.selectionSet, rootType, []);
}

/** The definition of a field as it can be selected on this type, introspection fields included. */
export function fieldDefinition(
  schema: GraphQLSchema,
  parent: GraphQLNamedType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined;
  const fields = parent.getFields();
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** `__schema`, `__type` and everything below them; not the `__typename` of the schema's own types. */
export function isIntrospection({ node, parent }: FieldInPlace): boolean {
  const name = node.name.value;
  return name === SchemaMetaFieldDef.name || name === TypeMetaFieldDef.name || isIntrospectionType(parent);
}

/** One `"@"` for each list around a value of this type. */
export function listPositions(type: GraphQLOutputType): string[] {
  if (isNonNullType(type)) return listPositions(type.ofType);
  return isListType(type) ? ['@', ...listPositions(type.ofType)] : [];
}

/** What the client calls this field in the answer. */
export function responseKey(node: FieldNode): string {
  return node.alias?.value ?? node.name.value;
}

export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function conditionType(schema: GraphQLSchema, name: string | undefined, parent: GraphQLCompositeType) {
  if (name === undefined) return parent;
  const type = schema.getType(name);
  if (!isCompositeType(type)) throw badInput(`There is no type ${name} to select on`);
  return type;
}
