/** Operations that ask for the identity of whatever they show, and the entities in their answers. */
import {
  type DocumentNode,
  getNamedType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  print,
  type SelectionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

const field = (name: string): SelectionNode => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } });

/** The operation with `__typename`, and `id` where there is one, in every selection set. */
export function withIds(schema: GraphQLSchema, text: string): string {
  const info = new TypeInfo(schema);
  const document = visit(
    parse(text),
    visitWithTypeInfo(info, {
      SelectionSet: (node) => {
        const type = info.getParentType();
        const hasId = (isObjectType(type) || isInterfaceType(type)) && 'id' in type.getFields();
        return { ...node, selections: [...node.selections, field('__typename'), ...(hasId ? [field('id')] : [])] };
      },
    }),
  );
  return print(document);
}

/** The part of an operation that the caller's schema has; undefined when nothing is left. */
export function fitting(schema: GraphQLSchema, text: string): string | undefined {
  const info = new TypeInfo(schema);
  const document: DocumentNode = visit(
    parse(text),
    visitWithTypeInfo(info, {
      Field: {
        enter: () => {
          const parent = info.getParentType();
          return (info.getFieldDef() ?? !parent) ? undefined : null;
        },
        leave: (node) => {
          const type = getNamedType(info.getType());
          return isCompositeType(type) && !node.selectionSet?.selections.length ? null : undefined;
        },
      },
    }),
  );
  const [operation] = document.definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION && operation.selectionSet.selections.length > 0
    ? print(document)
    : undefined;
}

export interface Entity {
  typename: string;
  id: string;
  /** Its leaves that hold something, by name. */
  leaves: readonly string[];
}

/** Whatever in an answer has an identity. */
export function entitiesOf(data: unknown): Entity[] {
  if (Array.isArray(data)) return data.flatMap(entitiesOf);
  if (typeof data !== 'object' || data === null) return [];
  const below = Object.values(data).flatMap(entitiesOf);
  const { __typename: typename, id } = data as { __typename?: string; id?: string };
  if (!typename || !id) return below;
  const leaves = Object.entries(data)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([key]) => key.replace(/^x_/, ''));
  return [{ typename, id, leaves }, ...below];
}
