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
const name = (value: string): NameNode => ({ kind: Kind.NAME, value });

/** What the gateway's limits leave room for: a rewritten operation must not be refused for its size. */
const MAX_ALIASES = 50;
const MAX_DIRECTIVES = 95;

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
    const typeCondition = (type: string) => ({ kind: Kind.NAMED_TYPE as const, name: name(type) });
    const extract = (selectionSet: SelectionSetNode, type: string): SelectionSetNode => {
      const condition = typeCondition(type);
      if (fragments.length % 2) {
        fragments.push({
          kind: Kind.FRAGMENT_DEFINITION,
          name: name(`M${fragments.length}`),
          typeCondition: condition,
          selectionSet,
        });
        const spread = { kind: Kind.FRAGMENT_SPREAD as const, name: fragments.at(-1)!.name };
        return { kind: Kind.SELECTION_SET, selections: [spread] };
      }
      fragments.push({
        kind: Kind.FRAGMENT_DEFINITION,
        name: name(`M${fragments.length}`),
        typeCondition: condition,
        selectionSet,
      });
      const inner = { kind: Kind.FRAGMENT_SPREAD as const, name: fragments.at(-1)!.name };
      const inline = {
        kind: Kind.INLINE_FRAGMENT as const,
        typeCondition: condition,
        selectionSet: { kind: Kind.SELECTION_SET as const, selections: [inner] },
      };
      return { kind: Kind.SELECTION_SET, selections: [inline] };
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
    let room = MAX_DIRECTIVES - sizeOf(document).directives;
    return visit(document, {
      Field: (node) =>
        node.directives?.some((one) => one.name.value === directive) || room-- <= 0
          ? undefined
          : { ...node, directives: [...(node.directives ?? []), always] },
    });
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
