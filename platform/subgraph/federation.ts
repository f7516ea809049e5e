import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type TypeNode,
  visit,
} from 'graphql';
import { buildSchemaSync, createResolversMap, type NonEmptyArray } from 'type-graphql';
import { connections, PAGE_SIZE } from '../graphql/connection';
import { enumValueReads } from '../graphql/enums';
import { DateTimeScalar } from '../graphql/scalars';
import { callDirectly, readPropertiesPlainly } from './direct-resolvers';

/** The links of every subgraph: the standard federation directives and our own `@reads`, which is composed. */
export const FEDERATION_HEADER = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@provides", "@requires", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@composeDirective"])
  @link(url: "https://iepgraph.dev/reads/v1.0", import: ["@reads"])
  @composeDirective(name: "@reads")

"On an argument, input field or enum value that filters, sorts or searches: the fields whose requirement it carries."
directive @reads(fields: [String!]!) repeatable on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
`;

export interface SubgraphTypes {
  resolvers: NonEmptyArray<Function>;
  /** Entity stubs and implementers that no resolver names. */
  orphanedTypes?: Function[];
  /** `__resolveReference` by type name: from a representation (key fields only) to the entity or null. */
  references?: Record<string, Resolve>;
}

export interface BuiltSubgraph {
  schema: GraphQLSchema;
  sdl: string;
}

/** Builds the federated schema of a subgraph from its type-graphql classes. The SDL is what the supergraph is composed from. */
export function buildSubgraph({ resolvers, orphanedTypes = [], references = {} }: SubgraphTypes): BuiltSubgraph {
  readPropertiesPlainly();
  const plain = buildSchemaSync({
    resolvers,
    orphanedTypes,
    skipCheck: true,
    validate: false,
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
    // Rights are decided from directives and rows, never in resolvers.
    container: undefined,
  });
  const typeDefs = withWhatClassesCannotSay(
    parse(`${FEDERATION_HEADER}\n${printSchemaWithDirectives(plain, { assumeValid: true })}`),
  );
  const resolverMap = createResolversMap(plain) as Record<string, Record<string, unknown>>;
  callDirectly(resolverMap, resolvers);
  for (const [type, resolve] of Object.entries(references)) {
    resolverMap[type] = { ...resolverMap[type], __resolveReference: byKey(keyFields(typeDefs, type), resolve) };
  }
  const schema = buildSubgraphSchema({ typeDefs, resolvers: resolverMap as never });
  return { schema, sdl: print(typeDefs) };
}

type Resolve = (representation: never, context: never) => unknown;

/** Resolves the reference of an entity that others own: it is known by its key, and nothing is read. */
export const stub =
  (Class: new () => object): Resolve =>
  (key) =>
    Object.assign(new Class(), key);

/**
 * Only key fields of a representation count (architecture, section 4), and a key is text: nothing else that it claims gets
 * any further (attack 38), and no other type of value reaches a statement. Without a key there is no entity.
 */
function byKey(keys: readonly string[], resolve: Resolve) {
  return (representation: Record<string, unknown>, context: unknown): unknown => {
    const isGiven = (key: string): boolean =>
      Object.hasOwn(representation, key) && typeof representation[key] === 'string';
    const given = keys.filter(isGiven).map((key) => [key, representation[key]]);
    return given.length > 0 ? resolve(Object.fromEntries(given) as never, context as never) : null;
  };
}

/** The fields of all keys of a type. Ours are flat. */
function keyFields({ definitions }: DocumentNode, type: string): string[] {
  const texts = definitions.flatMap((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === type
      ? (node.directives ?? []).filter(({ name }) => name.value === 'key').flatMap((key) => key.arguments ?? [])
      : [],
  );
  return texts.flatMap(({ value }) => (value.kind === Kind.STRING ? value.value.split(/\s+/) : []));
}

/** The library of classes cannot describe the root types. The same words in every subgraph, or composition has to choose. */
const ROOT_TYPES: Record<string, string> = {
  Query: 'What can be asked.',
  Mutation: 'What can be done. Each takes one input, and answers in its payload what it did or which rules refused it.',
};

function withWhatClassesCannotSay(document: DocumentNode): DocumentNode {
  return visit(document, {
    EnumTypeDefinition: (type) => {
      const reads = enumValueReads.get(type.name.value);
      if (!reads) return undefined;
      return {
        ...type,
        values: type.values?.map((value) => {
          const fields = reads[value.name.value];
          if (!fields) return value;
          const argument = {
            kind: Kind.ARGUMENT,
            name: { kind: Kind.NAME, value: 'fields' },
            value: { kind: Kind.LIST, values: fields.map((field) => ({ kind: Kind.STRING, value: field })) },
          };
          return {
            ...value,
            directives: [
              ...(value.directives ?? []),
              { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'reads' }, arguments: [argument] },
            ],
          };
        }),
      } as typeof type;
    },
    FieldDefinition: (field) =>
      connections.has(namedType(field.type))
        ? { ...field, directives: [...(field.directives ?? []), pageSize()] }
        : undefined,
    ObjectTypeDefinition: (type) => {
      const value = ROOT_TYPES[type.name.value];
      return value === undefined ? undefined : { ...type, description: { kind: Kind.STRING, value } };
    },
    // The federation library defines its own directives; the printer repeats those of the classes.
    SchemaDefinition: () => null,
  });
}

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

/** A node of its own each time: the visitor changes what it is given. */
function pageSize(): DirectiveNode {
  const [definition] = parse(`type T { f: T ${PAGE_SIZE} }`, { noLocation: true }).definitions;
  return (definition as ObjectTypeDefinitionNode).fields![0]!.directives![0]!;
}
