import {
  type FieldNode,
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
  type SelectionSetNode,
} from 'graphql';
import { type ExecutedOperation, fieldDefinition, responseKey } from '../../authorize/operation-walk';
import { saysOf } from './conditions';
import type { Faults } from './faults';
import { isObject, type JsonObject, readerOf } from './json';
import { JsonBytes } from './json-bytes';
import type { PrivateKeys } from './private-keys';
import { leafWriter } from './leaf-writer';
import { fault, type Introspect, type Writer, type Writing } from './writer';

/** What a client asked for: the shape of its answer. */
export interface Answered extends ExecutedOperation {
  /** Selections of it that were not fetched: null, as if their resolver had answered it, and no fault. */
  denied: ReadonlySet<FieldNode>;
}

export interface ProjectedOperation extends Answered {
  schema: GraphQLSchema;
  /** The values of the variables in `@skip` and `@include`: a projector is for these alone. */
  conditions: Readonly<Record<string, unknown>>;
  /** Where what the client named itself was fetched to. */
  keys: Pick<PrivateKeys, 'of'>;
}

/** Writes the JSON of `data`, UTF-8; what is wrong with the values is added to the faults. */
export type Project = (root: JsonObject, faults: Faults, introspect?: Introspect) => Buffer;

/**
 * Compiles an operation into what writes the client's answer from what the plan fetched: the fields in the order of the
 * operation, under the client's keys, null where an error or a missing value leaves null (GraphQL, section 6.4).
 */
export function compileProjector(projected: ProjectedOperation): Project {
  const { operation, rootType } = projected;
  const write = new Projector(projected).object(rootType, [operation.selectionSet]);
  // An answer is about as long as the one before.
  let expected = 1_024;
  return (root, faults, introspect) => {
    const out = new JsonBytes(expected);
    orNull(write, root, { out, faults, path: [], introspect });
    expected = Math.min(out.length + (out.length >> 3) + 64, MAX_EXPECTED);
    return out.written();
  };
}

const MAX_EXPECTED = 1024 * 1024;

/** The value, or null in its place. */
function orNull(write: Writer, value: unknown, writing: Writing): true {
  const { out } = writing;
  const start = out.length;
  if (!write(value, writing)) {
    out.length = start;
    out.raw(NULL);
  }
  return true;
}

interface Field {
  readonly key: string;
  /** The key as it stands in the answer, with what is before it. */
  readonly start: Buffer;
  readonly read: (object: JsonObject) => unknown;
  readonly write: Writer;
}

const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA, NULL] = ['{', '}', '[', ']', ',', 'null'].map((text) =>
  Buffer.from(text),
) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];

/** Of fields that are not read from what was fetched. */
const never = (): undefined => undefined;

class Projector {
  constructor(private readonly projected: ProjectedOperation) {}

  object(type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): Writer {
    const grouped = new Map<string, FieldNode[]>();
    for (const set of sets) this.collect(type, set, grouped, new Set());
    const fields = [...grouped].map(([key, nodes], at) => this.field(type, key, nodes, at === 0));
    return (value, writing) => {
      const object = value as JsonObject;
      const { path, out } = writing;
      if (fields.length === 0) out.raw(OPEN);
      for (const field of fields) {
        out.raw(field.start);
        path.push(field.key);
        const isWritten = field.write(field.read(object), writing);
        path.pop();
        if (!isWritten) return false;
      }
      out.raw(CLOSE);
      return true;
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

  private field(type: GraphQLCompositeType, key: string, nodes: readonly FieldNode[], isFirst: boolean): Field {
    const named = { key, start: Buffer.from(`${isFirst ? '{' : ','}${JSON.stringify(key)}:`) };
    const allowed = nodes.filter((node) => !this.projected.denied.has(node));
    if (allowed.length === 0) return { ...named, read: never, write: this.deniedWriter(type, nodes[0]!) };
    return this.allowedField(type, named, allowed);
  }

  /** Where another selection of the key is allowed, what is denied takes nothing from it and adds nothing to it (attack 16). */
  private allowedField(
    type: GraphQLCompositeType,
    named: Pick<Field, 'key' | 'start'>,
    nodes: readonly FieldNode[],
  ): Field {
    const name = nodes[0]!.name.value;
    if (name === '__typename') return { ...named, read: never, write: typenameWriter(type) };
    if (name === '__schema' || name === '__type') return { ...named, read: never, write: introspectionWriter(nodes) };
    const definition = this.definition(type, name);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const read = readerOf(this.projected.keys.of(nodes[0]!));
    return { ...named, read, write: this.value(definition.type, sets, type, definition) };
  }

  private deniedWriter(type: GraphQLCompositeType, { name }: FieldNode): Writer {
    const isNullable = !isNonNullType(this.definition(type, name.value).type);
    return (_value, { out }) => {
      if (isNullable) out.raw(NULL);
      return isNullable;
    };
  }

  private definition(type: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> {
    const definition = fieldDefinition(this.projected.schema, type, name);
    if (!definition) throw new Error(`${type.name} has no field ${name}`);
    return definition;
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
        return false;
      };
    }
    const write = this.nonNull(type, sets, parent, field);
    return (value, writing) => {
      if (value !== null && value !== undefined) return orNull(write, value, writing);
      writing.out.raw(NULL);
      return true;
    };
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
    const { path, out } = writing;
    out.raw(OPEN_LIST);
    for (let at = 0; at < value.length; at++) {
      if (at > 0) out.raw(COMMA);
      path.push(at);
      const isWritten = item(value[at], writing);
      path.pop();
      if (!isWritten) return false;
    }
    out.raw(CLOSE_LIST);
    return true;
  };
}

function typenameWriter(type: GraphQLCompositeType): Writer {
  if (!isObjectType(type)) return (_value, writing) => fault(writing, 'The type of this object is not known.');
  const text = Buffer.from(JSON.stringify(type.name));
  return (_value, { out }) => {
    out.raw(text);
    return true;
  };
}

function introspectionWriter(nodes: readonly FieldNode[]): Writer {
  const [first] = nodes;
  const selections = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
  const field: FieldNode = { ...first!, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  return (_value, writing) => {
    if (!writing.introspect) fault(writing, 'Introspection is not answered here.');
    writing.out.json(JSON.stringify(writing.introspect?.(field) ?? null));
    return true;
  };
}
