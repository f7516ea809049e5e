/**
 * From the data of the filtered operation to the answer of the original one: denied fields are null, as if their resolver
 * had answered null, and null spreads to the nearest nullable field as the GraphQL specification asks (6.4.4).
 */
import {
  type FieldNode,
  type FragmentSpreadNode,
  getDirectiveValues,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  type InlineFragmentNode,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { AuthorizedOperation } from './authorize-operation';
import type { Denial } from './denials';
import { fieldDefinition, responseKey } from './operation-walk';

export interface CompleteInput<E> {
  readonly schema: GraphQLSchema;
  readonly authorized: AuthorizedOperation;
  /** Coerced variables of the original operation. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What the filtered operation answered; of a denied operation, nothing. */
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly E[];
}

export interface CompletedResponse<E> {
  readonly data: Record<string, unknown> | null;
  /** The errors of the execution, then one per denied place; undefined when there are none. */
  readonly errors?: readonly (E | DenialError)[];
}

export interface DenialError {
  readonly message: string;
  readonly path: readonly string[];
  readonly extensions: { readonly code: 'UNAUTHORIZED_FIELD_OR_TYPE' };
}

/**
 * The client's answer. Objects in `data` are without a prototype where they were rebuilt, so that no response key
 * (`__proto__`, attack 51) means anything; parts without a denial are passed on as they are.
 *
 * Where a response key comes from several selections of which one is allowed, the allowed value stays and what the denied
 * ones asked below it is left out (attack 16).
 *
 * @throws Error when the data doesn't belong to the filtered operation
 */
export function completeResponse<E = never>(input: CompleteInput<E>): CompletedResponse<E> {
  const { authorized, data } = input;
  const errors = [...(input.errors ?? []), ...denialErrors(authorized.denials)];
  return { data: completeRoot(input, data), ...(errors.length && { errors }) };
}

/** One error per denied place. They don't say what right is missing, nor on which type a key was denied. */
export function denialErrors(denials: readonly Denial[]): DenialError[] {
  const paths = new Map(denials.map(({ path }) => [path.join('.'), path]));
  return [...paths.values()].map((path) => ({
    message: 'Not available to you',
    path,
    extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
  }));
}

/** One key of an answer object: what its value is made of. */
interface Slot {
  readonly definition: GraphQLField<unknown, unknown>;
  /** The allowed selections of this key; none when the key is denied. */
  readonly nodes: readonly FieldNode[];
  /** Whether anything below differs from what was fetched. */
  readonly isChanged: boolean;
}
type Slots = ReadonlyMap<string, Slot>;

/** What a value becomes when a non-null position in it has no value: the parent has to do without it. */
const NOTHING = Symbol('null at a non-null position');

function completeRoot<E>(input: CompleteInput<E>, data: CompleteInput<E>['data']): Record<string, unknown> | null {
  const { authorized } = input;
  if (authorized.kind === 'denied' || !data) return null;
  if (authorized.kind === 'allowed') return data;
  const { operation, rootType } = authorized.original;
  const completion = new Completion(input.schema, authorized, input.variables);
  const slots = completion.slots([operation], rootType as GraphQLObjectType);
  return orNull(completion.object(slots, data)) as Record<string, unknown> | null;
}

class Completion {
  /** Rows of a list share their slots. */
  private readonly below = new Map<Slot, Map<string, Slots>>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly authorized: AuthorizedOperation,
    private readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  object(slots: Slots, data: Readonly<Record<string, unknown>>): unknown {
    const completed: Record<string, unknown> = Object.create(null);
    for (const [key, slot] of slots) {
      const fetched = slot.nodes.length && Object.hasOwn(data, key) ? data[key] : null;
      const value = this.value(slot.definition.type, slot, fetched);
      if (value === NOTHING) return NOTHING;
      completed[key] = value;
    }
    return completed;
  }

  private value(type: GraphQLOutputType, slot: Slot, fetched: unknown): unknown {
    if (isNonNullType(type)) return this.value(type.ofType, slot, fetched) ?? NOTHING;
    if (fetched === null || fetched === undefined) return null;
    if (!slot.isChanged) return fetched;
    if (isListType(type)) {
      const items = (fetched as readonly unknown[]).map((item) => this.value(type.ofType, slot, item));
      return items.includes(NOTHING) ? null : items;
    }
    const data = fetched as Readonly<Record<string, unknown>>;
    const runtimeType = isObjectType(type) ? type : this.runtimeType(data);
    return runtimeType ? orNull(this.object(this.slotsBelow(slot, runtimeType), data)) : null;
  }

  private runtimeType(data: Readonly<Record<string, unknown>>): GraphQLObjectType | undefined {
    const name = data[this.authorized.typenameKey];
    if (typeof name !== 'string') throw new Error('The data of a filtered operation lacks a type name that it selects');
    const type = this.schema.getType(name);
    // A type that the API schema doesn't have is @inaccessible: the client gets no such object.
    return isObjectType(type) ? type : undefined;
  }

  private slotsBelow(slot: Slot, type: GraphQLObjectType): Slots {
    const byType = this.below.get(slot) ?? new Map<string, Slots>();
    this.below.set(slot, byType);
    const known = byType.get(type.name) ?? this.slots(slot.nodes, type);
    byType.set(type.name, known);
    return known;
  }

  /** The keys of an object of this type, in the order of the original operation. */
  slots(parents: readonly { readonly selectionSet?: SelectionSetNode }[], type: GraphQLObjectType): Slots {
    const groups = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const { selectionSet } of parents) if (selectionSet) this.collect(selectionSet, type, groups, spread);
    return new Map([...groups].map(([key, group]) => [key, this.slot(group, type)]));
  }

  private slot(group: readonly FieldNode[], type: GraphQLObjectType): Slot {
    const { deniedNodes, deniedBelow } = this.authorized;
    const nodes = group.filter((node) => !deniedNodes.has(node));
    const definition = fieldDefinition(this.schema, type, group[0]!.name.value)!;
    return { definition, nodes, isChanged: nodes.some((node) => deniedBelow.has(node.selectionSet)) };
  }

  /** CollectFields of the GraphQL specification (6.3.2). */
  private collect(
    set: SelectionSetNode,
    type: GraphQLObjectType,
    groups: Map<string, FieldNode[]>,
    spread: Set<string>,
  ): void {
    for (const selection of set.selections) {
      if (!this.isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = responseKey(selection);
        const group = groups.get(key);
        if (group) group.push(selection);
        else groups.set(key, [selection]);
        continue;
      }
      const fragment = this.fragmentOf(selection, spread);
      if (fragment && this.applies(fragment.typeCondition?.name.value, type)) {
        this.collect(fragment.selectionSet, type, groups, spread);
      }
    }
  }

  private fragmentOf(selection: InlineFragmentNode | FragmentSpreadNode, spread: Set<string>) {
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
    const name = selection.name.value;
    if (spread.has(name)) return undefined;
    spread.add(name);
    return this.authorized.original.fragments.get(name);
  }

  private applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const wanted = this.schema.getType(condition);
    return isAbstractType(wanted) && this.schema.isSubType(wanted, type);
  }

  private isIncluded(selection: SelectionNode): boolean {
    if (!selection.directives?.length) return true;
    if (getDirectiveValues(GraphQLSkipDirective, selection, this.variables)?.if === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, selection, this.variables)?.if !== false;
  }
}

function orNull(value: unknown): unknown {
  return value === NOTHING ? null : value;
}
