/** Other ways to write the same operation. Each says how its answer must look, made from the answer to the original. */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLSchema,
  Kind,
  type NameNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export interface Rewrite {
  rewrite(document: DocumentNode, schema: GraphQLSchema): DocumentNode;
  /** How a response key is called after it. */
  key(key: string): string;
}

const same = (key: string): string => key;
const setOf = (selection: SelectionNode): SelectionSetNode => ({ kind: Kind.SELECTION_SET, selections: [selection] });
const name = (value: string): NameNode => ({ kind: Kind.NAME, value });

/** What the gateway's limits leave room for: a rewritten operation must not be refused for its size. */
const MAX_ALIASES = 50;
const MAX_DIRECTIVES = 45;

const aliased: Rewrite = {
  key: (key) => `m_${key}`,
  rewrite: (document) =>
    visit(document, {
      Field: (node) => ({ ...node, alias: name(`m_${node.alias?.value ?? node.name.value}`) }),
    }),
};

const reordered: Rewrite = {
  key: same,
  rewrite: (document) =>
    visit(document, { SelectionSet: { leave: (node) => ({ ...node, selections: [...node.selections].reverse() }) } }),
};

/** Every selection set stands in a fragment of its own, named or inline in turn. */
const fragmented: Rewrite = {
  key: same,
  rewrite: (document, schema) => {
    const info = new TypeInfo(schema);
    const fragments: FragmentDefinitionNode[] = [];
    const extract = (selectionSet: SelectionSetNode, type: string): SelectionSetNode => {
      const typeCondition = { kind: Kind.NAMED_TYPE as const, name: name(type) };
      const fragment = {
        kind: Kind.FRAGMENT_DEFINITION as const,
        name: name(`M${fragments.length}`),
        typeCondition,
        selectionSet,
      };
      fragments.push(fragment);
      const spread = setOf({ kind: Kind.FRAGMENT_SPREAD, name: fragment.name });
      return fragments.length % 2 ? spread : setOf({ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet: spread });
    };
    const rewritten = visit(
      document,
      visitWithTypeInfo(info, {
        Field: {
          leave: (node): FieldNode | undefined =>
            node.selectionSet && {
              ...node,
              selectionSet: extract(node.selectionSet, getNamedType(info.getType())!.name),
            },
        },
        OperationDefinition: {
          leave: (node) => ({
            ...node,
            selectionSet: extract(node.selectionSet, info.getType() ? getNamedType(info.getType())!.name : 'Query'),
          }),
        },
      }),
    );
    return { ...rewritten, definitions: [...rewritten.definitions, ...fragments] };
  },
};

const conditional = (directive: 'include' | 'skip'): Rewrite => ({
  key: same,
  rewrite: (document) => {
    const value = { kind: Kind.BOOLEAN as const, value: directive === 'include' };
    const always: ConstDirectiveNode = {
      kind: Kind.DIRECTIVE,
      name: name(directive),
      arguments: [{ kind: Kind.ARGUMENT, name: name('if'), value }],
    };
    const withSome = (count: number): DocumentNode => {
      let left = count;
      return visit(document, {
        Field: (node) =>
          node.directives?.some((one) => one.name.value === directive) || left-- <= 0
            ? undefined
            : { ...node, directives: [...(node.directives ?? []), always] },
      });
    };
    // One on a field of a fragment counts as often as the fragment is spread.
    let room = MAX_DIRECTIVES;
    while (room > 0 && sizeOf(withSome(room)).directives > MAX_DIRECTIVES) room--;
    return withSome(room);
  },
});

export const REWRITES: Record<string, Rewrite> = {
  aliased,
  reordered,
  fragmented,
  included: conditional('include'),
  skipped: conditional('skip'),
};

/** Whether the operation stays within the limits under its alias rewrite. Fragments count each time that they are spread. */
export const fits = (document: DocumentNode): boolean => sizeOf(document).fields <= MAX_ALIASES;

function sizeOf(document: DocumentNode): { fields: number; directives: number } {
  const size = (set: SelectionSetNode): { fields: number; directives: number } => {
    const total = { fields: 0, directives: 0 };
    for (const node of set.selections) {
      total.fields += node.kind === Kind.FIELD ? 1 : 0;
      total.directives += node.directives?.length ?? 0;
      const fragment =
        node.kind === Kind.FRAGMENT_SPREAD &&
        document.definitions.find((one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === node.name.value);
      const below =
        node.kind === Kind.FRAGMENT_SPREAD
          ? fragment && 'selectionSet' in fragment && fragment.selectionSet
          : node.selectionSet;
      if (!below) continue;
      const inner = size(below);
      total.fields += inner.fields;
      total.directives += inner.directives;
    }
    return total;
  };
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  return operations
    .map((one) => size(one.selectionSet))
    .reduce((a, b) => ({ fields: Math.max(a.fields, b.fields), directives: Math.max(a.directives, b.directives) }));
}
