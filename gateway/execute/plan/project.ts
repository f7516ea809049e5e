import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { responseKey } from '../../authorize/operation-walk';
import { saysOf } from './conditions';
import type { Faults } from './faults';
import { isObject, type JsonObject, readerOf } from './json';
import type { PrivateKeys } from './private-keys';
import { leafWriter } from './leaf-writer';
import { fault, type Introspect, type Writer } from './writer';

export interface ProjectedOperation {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The values of the variables in `@skip` and `@include`: a projector is for these alone. */
  conditions: Readonly<Record<string, unknown>>;
  /** Where what the client named itself was fetched to. */
  keys: PrivateKeys;
}

/** Writes the JSON of `data`; what is wrong with the values is added to the faults. */
export type Project = (root: JsonObject, faults: Faults, introspect?: Introspect) => string;

/**
 * Compiles an operation into what writes the client's answer from what the plan fetched: the fields in the order of the
 * operation, under the client's keys, null where an error or a missing value leaves null (GraphQL, section 6.4).
 */
export function compileProjector(projected: ProjectedOperation): Project {
  const { schema, operation } = projected;
  const type = schema.getRootType(operation.operation);
  if (!type) throw new Error(`The schema has no ${operation.operation}`);
  const write = new Projector(projected).object(type, [operation.selectionSet]);
  return (root, faults, introspect) => write(root, { faults, path: [], introspect }) ?? 'null';
}

interface Field {
  readonly key: string;
  /** The key as it stands in the answer. */
  readonly text: string;
  readonly read: (object: JsonObject) => unknown;
  readonly write: Writer;
}

class Projector {
  constructor(private readonly projected: ProjectedOperation) {}

  object(type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): Writer {
    const grouped = new Map<string, FieldNode[]>();
    for (const set of sets) this.collect(type, set, grouped, new Set());
    const fields = [...grouped].map(([key, nodes]) => this.field(type, key, nodes));
    return (value, writing) => {
      const object = value as JsonObject;
      const { path } = writing;
      let text = '';
      for (const field of fields) {
        path.push(field.key);
        const written = field.write(field.read(object), writing);
        path.pop();
        if (written === undefined) return undefined;
        text += text === '' ? field.text + written : `,${field.text}${written}`;
      }
      return `{${text}}`;
    };
  }

  /** The fields by response key, as the specification collects them (section 6.3.2). */
  private collect(
    type: GraphQLCompositeType,
    set: SelectionSetNode,
    grouped: Map<string, FieldNode[]>,
    seen: Set<string>,
  ): void {
    for (const selection of set.selections) {
      if (!this.isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = responseKey(selection);
        const nodes = grouped.get(key);
        if (nodes) nodes.push(selection);
        else grouped.set(key, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (this.fits(type, selection.typeCondition?.name.value))
          this.collect(type, selection.selectionSet, grouped, seen);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = this.projected.fragments.get(selection.name.value);
        if (fragment && this.fits(type, fragment.typeCondition.name.value))
          this.collect(type, fragment.selectionSet, grouped, seen);
      }
    }
  }

  private isIncluded({ directives }: Pick<FieldNode, 'directives'>): boolean {
    return (directives ?? []).every((one) => saysOf(one, this.projected.conditions) !== false);
  }

  private fits(type: GraphQLCompositeType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const { schema } = this.projected;
    const general = schema.getType(condition);
    return isAbstractType(general) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(general, type);
  }

  private field(type: GraphQLCompositeType, key: string, nodes: readonly FieldNode[]): Field {
    const named = { key, text: `${JSON.stringify(key)}:` };
    const name = nodes[0]!.name.value;
    const never = () => undefined;
    if (name === '__typename') return { ...named, read: never, write: typenameWriter(type) };
    if (name === '__schema' || name === '__type') return { ...named, read: never, write: introspectionWriter(nodes) };
    const definition = 'getFields' in type ? type.getFields()[name] : undefined;
    if (!definition) throw new Error(`${type.name} has no field ${name}`);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const read = readerOf(this.projected.keys.of(nodes[0]!));
    return { ...named, read, write: this.value(definition.type, sets, type, definition) };
  }

  private value(
    type: GraphQLOutputType,
    sets: readonly SelectionSetNode[],
    parent: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
  ): Writer {
    if (isNonNullType(type)) {
      const write = this.nonNull(type.ofType, sets, parent, field);
      return (value, writing) => {
        if (value !== null && value !== undefined) return write(value, writing);
        if (!writing.faults.accountsFor(writing.path))
          fault(writing, `Cannot return null for non-nullable field ${parent.name}.${field.name}.`);
        return undefined;
      };
    }
    const write = this.nonNull(type, sets, parent, field);
    return (value, writing) => (value === null || value === undefined ? 'null' : (write(value, writing) ?? 'null'));
  }

  /** The writer of what is neither null nor missing. */
  private nonNull(
    type: GraphQLOutputType,
    sets: readonly SelectionSetNode[],
    parent: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
  ): Writer {
    if (isListType(type)) return listWriter(this.value(type.ofType, sets, parent, field));
    const named = getNamedType(type);
    return isCompositeType(named) ? this.composite(named, sets) : leafWriter(named);
  }

  private composite(type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): Writer {
    const isFixed = isObjectType(type);
    // Most are never met: compiled when a value of the type comes.
    const writers = new Map<unknown, Writer>();
    return (value, writing) => {
      if (!isObject(value)) return fault(writing, 'An object was expected here.');
      const typename = isFixed ? type.name : value.__typename;
      let write = writers.get(typename);
      if (!write) {
        const actual = this.actualType(type, typename);
        if (!actual) return fault(writing, 'An object of an unknown type was found here.');
        writers.set(typename, (write = this.object(actual, sets)));
      }
      return write(value, writing);
    };
  }

  /** An object may call itself by its interface, where only the subgraph of an interface object was asked. */
  private actualType(type: GraphQLCompositeType, typename: unknown): GraphQLCompositeType | undefined {
    if (typename === undefined && isInterfaceType(type)) return type;
    const actual = typeof typename === 'string' ? this.projected.schema.getType(typename) : undefined;
    return isCompositeType(actual) && this.fits(actual, type.name) ? actual : undefined;
  }
}

function listWriter(item: Writer): Writer {
  return (value, writing) => {
    if (!Array.isArray(value)) return fault(writing, 'A list was expected here.');
    const { path } = writing;
    let text = '';
    for (let at = 0; at < value.length; at++) {
      path.push(at);
      const written = item(value[at], writing);
      path.pop();
      if (written === undefined) return undefined;
      text += at === 0 ? written : `,${written}`;
    }
    return `[${text}]`;
  };
}

function typenameWriter(type: GraphQLCompositeType): Writer {
  if (!isObjectType(type)) return (_value, writing) => fault(writing, 'The type of this object is not known.');
  const text = JSON.stringify(type.name);
  return () => text;
}

function introspectionWriter(nodes: readonly FieldNode[]): Writer {
  const [first] = nodes;
  const selections = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
  const field: FieldNode = { ...first!, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  return (_value, writing) => {
    if (!writing.introspect) return fault(writing, 'Introspection is not answered here.') ?? 'null';
    return JSON.stringify(writing.introspect(field) ?? null);
  };
}
