import {
  defaultTypeResolver,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getNamedType,
  getNullableType,
  getOperationAST,
  getVariableValues,
  GraphQLBoolean,
  type GraphQLAbstractType,
  type GraphQLField,
  GraphQLID,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLString,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** What graphql-js has rules for, and a compiled query has none: it is for graphql-js to execute. */
export class Uncommon extends Error {}

type Data = Record<string, unknown>;
/** Makes of what a resolver gave what is answered, or a promise of it. What comes later is put into it before the run ends. */
type Complete = (run: Run, value: unknown) => unknown;
type ResolveReference = (representation: unknown, context: unknown, info: GraphQLResolveInfo) => unknown;
/** What has places: an object by key, or a list by number. */
type Place = Data | unknown[];
interface Completer {
  complete: Complete;
  /** Whether it may be a promise: of an object whose type is not known at once. */
  isLate?: boolean;
}
type Write = (run: Run, source: unknown, target: Data) => void;
interface Fields {
  /** An object with all keys, empty: its copies never grow. */
  template: Data;
  writes: readonly Write[];
}

/** What is the same for a field of all objects. */
interface Call {
  args: Record<string, unknown>;
  info: GraphQLResolveInfo;
}

/**
 * A query whose fields, types and resolvers were looked up once. It answers what graphql-js would, as long as no resolver fails, no
 * value is missing where there must be one, and nothing is uncommon; otherwise `run` rejects, and graphql-js tells what is wrong.
 */
export class CompiledQuery {
  private readonly operation: OperationDefinitionNode;
  private readonly fields: Fields;
  private readonly fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  /** How many fields have a `Call`. */
  private calls = 0;

  /**
   * @param effects coordinates of fields that have an effect: none is executed twice
   * @throws Uncommon for them, mutations, several operations, directives such as `@skip`, and introspection
   */
  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly effects: ReadonlySet<string>,
  ) {
    const operation = getOperationAST(document);
    const type = schema.getQueryType();
    if (operation?.operation !== 'query' || !type) throw new Uncommon('no query');
    visit(document, {
      Directive: ({ name }) => {
        throw new Uncommon(`@${name.value}`);
      },
      FragmentDefinition: (fragment) => void (this.fragments[fragment.name.value] = fragment),
    });
    this.operation = operation;
    this.fields = this.fieldsOf(type, [operation.selectionSet]);
  }

  /**
   * @returns the data
   * @throws Uncommon, or whatever a resolver throws
   */
  run(context: unknown, variables: Record<string, unknown> = {}): Promise<Data> {
    return new Promise((resolve, reject) => {
      const { coerced } = getVariableValues(this.schema, this.operation.variableDefinitions ?? [], variables, {
        maxErrors: 1,
      });
      if (!coerced) throw new Uncommon('variables');
      const { template, writes } = this.fields;
      const data = { ...template };
      const run = new Run(context, coerced, () => resolve(data), reject);
      run.attempt(() => writes.forEach((write) => write(run, undefined, data)));
    });
  }

  private fieldsOf(type: GraphQLObjectType, selections: readonly SelectionSetNode[]): Fields {
    const fields = new Map<string, FieldNode[]>();
    const seen = new Set<string>();
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const known = fields.get(key);
          if (known) known.push(selection);
          else fields.set(key, [selection]);
          continue;
        }
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.fragments[selection.name.value]! : selection;
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          if (seen.has(selection.name.value)) continue;
          seen.add(selection.name.value);
        }
        if (this.isOf(type, fragment.typeCondition?.name.value)) collect(fragment.selectionSet);
      }
    };
    selections.forEach(collect);
    const nothing = Object.fromEntries([...fields.keys()].map((key) => [key, null]));
    return {
      // As if it were written out in the program: every property in the object itself, none beside it.
      template: JSON.parse(JSON.stringify(nothing)),
      writes: [...fields].map(([key, nodes]) => this.field(type, key, nodes)),
    };
  }

  private isOf(type: GraphQLObjectType, condition?: string): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = this.schema.getType(condition);
    return isAbstractType(named) && this.schema.isSubType(named, type);
  }

  private field(parent: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Write {
    const name = nodes[0]!.name.value;
    if (key === '__proto__') throw new Uncommon(key);
    if (name === '__typename') return (_run, _source, target) => void (target[key] = parent.name);
    const field = parent.getFields()[name];
    if (!field || this.effects.has(`${parent.name}.${name}`)) throw new Uncommon(name);
    const callOf = this.callOf(parent, field, nodes);
    if (name === '_entities' && parent === this.schema.getQueryType()) return this.entities(key, field, nodes, callOf);
    const { complete, isLate } = this.completer(field.type, nodes, callOf);
    const { resolve } = field;
    const read: (run: Run, source: unknown) => unknown = resolve
      ? (run, source) => {
          const { args, info } = callOf(run);
          return resolve(source, args, run.context, info);
        }
      : (run, source) => {
          if (typeof source !== 'object' && typeof source !== 'function') return undefined;
          const value = (source as Data | null)?.[name];
          if (typeof value !== 'function') return value;
          const { args, info } = callOf(run);
          return (source as Record<string, Function>)[name]!(args, run.context, info);
        };
    return (run, source, target) => {
      const value = read(run, source);
      if (isLate || isPromise(value)) run.put(value, complete, target, key);
      else target[key] = complete(run, value);
    };
  }

  /** What the federation library answers to representations, without a promise for each and a type name in each row. */
  private entities(
    key: string,
    field: GraphQLField<unknown, unknown>,
    nodes: readonly FieldNode[],
    callOf: (run: Run) => Call,
  ): Write {
    const union = getNamedType(field.type) as GraphQLAbstractType;
    const selections = nodes.map(({ selectionSet }) => selectionSet!);
    const known = new Map<unknown, { resolve: ResolveReference; complete: Complete }>();
    const ofType = (name: unknown) => {
      let entity = known.get(name);
      if (!entity) {
        const type = this.typeAmong(union, name);
        const { apollo } = type.extensions as { apollo?: { subgraph?: { resolveReference: ResolveReference } } };
        const resolve = apollo?.subgraph?.resolveReference;
        if (!resolve) throw new Uncommon('a representation of what has no reference');
        const complete = this.object(type, selections, callOf);
        const checked: Complete = (run, value) => {
          if (value && typeof value !== 'object') throw new Uncommon('an entity that is no object');
          return complete(run, value);
        };
        known.set(name, (entity = { resolve, complete: checked }));
      }
      return entity;
    };
    return (run, _source, target) => {
      const { args, info } = callOf(run);
      const representations = args.representations as { __typename: unknown }[];
      const items = new Array<unknown>(representations.length);
      target[key] = items;
      representations.forEach((representation, at) => {
        const { resolve, complete } = ofType(representation.__typename);
        run.put(resolve(representation, run.context, info), complete, items, at);
      });
    };
  }

  private callOf(
    parentType: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    fieldNodes: readonly FieldNode[],
  ) {
    const at = this.calls++;
    const { schema, fragments, operation } = this;
    return (run: Run): Call =>
      (run.calls[at] ??= {
        args: getArgumentValues(field, fieldNodes[0]!, run.variables),
        info: Object.assign(new Info(), {
          ...{ fieldName: field.name, fieldNodes, returnType: field.type, parentType },
          ...{ schema, fragments, rootValue: undefined, operation, variableValues: run.variables },
        }),
      });
  }

  private completer(type: GraphQLOutputType, nodes: readonly FieldNode[], callOf: (run: Run) => Call): Completer {
    if (isNonNullType(type)) {
      const { complete, isLate } = this.completer(getNullableType(type), nodes, callOf);
      const must: Complete = (run, value) => {
        const completed = complete(run, value);
        if (completed === null) throw new Uncommon('nothing where something must be');
        return completed;
      };
      return { complete: must, isLate };
    }
    if (isLeafType(type)) return { complete: leaf(type) };
    if (isListType(type)) return { complete: list(this.completer(type.ofType, nodes, callOf)) };
    const selections = nodes.map(({ selectionSet }) => selectionSet!);
    if (isObjectType(type)) return { complete: this.object(type, selections, callOf) };
    return { complete: this.abstract(type, selections, callOf), isLate: type.resolveType !== undefined };
  }

  private abstract(
    type: GraphQLAbstractType,
    selections: readonly SelectionSetNode[],
    callOf: (run: Run) => Call,
  ): Complete {
    const resolveType = type.resolveType ?? defaultTypeResolver;
    const byName = new Map<unknown, Complete>();
    const completeAs = (run: Run, value: unknown, name: unknown): unknown => {
      let complete = byName.get(name);
      if (!complete) byName.set(name, (complete = this.object(this.typeAmong(type, name), selections, callOf)));
      return complete(run, value);
    };
    return (run, value) => {
      if (value === null || value === undefined) return null;
      const name = resolveType(value, run.context, callOf(run).info, type);
      return isPromise(name) ? name.then((known) => completeAs(run, value, known)) : completeAs(run, value, name);
    };
  }

  /** @throws Uncommon for what is the name of none of them */
  private typeAmong(type: GraphQLAbstractType, name: unknown): GraphQLObjectType {
    const own = typeof name === 'string' ? this.schema.getType(name) : undefined;
    if (!isObjectType(own) || !this.schema.isSubType(type, own)) throw new Uncommon(`the type of a ${type.name}`);
    return own;
  }

  private object(
    type: GraphQLObjectType,
    selections: readonly SelectionSetNode[],
    callOf: (run: Run) => Call,
  ): Complete {
    const { template, writes } = this.fieldsOf(type, selections);
    return (run, value) => {
      if (value === null || value === undefined) return null;
      if (value instanceof Error) throw value;
      if (type.isTypeOf && type.isTypeOf(value, run.context, callOf(run).info) !== true) throw new Uncommon(type.name);
      const target = { ...template };
      for (const write of writes) write(run, value, target);
      return target;
    };
  }
}

/** `info`, the same for all objects of a field: it has no path. */
class Info {
  /** It differs from object to object, and nobody asks for it. */
  get path(): never {
    throw new Uncommon('path');
  }
}

/** One execution. Ends when everything that it waits for has come, or with the first failure. */
class Run {
  readonly calls: Call[] = [];
  private waiting = 0;
  private hasFailed = false;

  constructor(
    readonly context: unknown,
    readonly variables: Record<string, unknown>,
    private readonly end: () => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  /**
   * Completes a value, and puts it into its place, whenever either comes.
   * @param complete left out for what is completed already
   */
  put(value: unknown, complete: Complete | undefined, target: Place, key: string | number): void {
    if (isPromise(value)) {
      this.waiting++;
      value.then(
        (known) => this.arrived(known, complete, target, key),
        (error) => this.fail(error),
      );
      return;
    }
    const completed = complete ? complete(this, value) : value;
    if (isPromise(completed)) this.put(completed, undefined, target, key);
    else (target as Data)[key] = completed;
  }

  private arrived(value: unknown, complete: Complete | undefined, target: Place, key: string | number): void {
    this.waiting--;
    // After a failure, graphql-js executes all of it: nothing more is asked for here.
    if (this.hasFailed) unheard(value);
    else this.attempt(() => this.put(value, complete, target, key));
  }

  attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.waiting === 0) this.end();
  }

  private fail(error: unknown): void {
    this.hasFailed = true;
    this.reject(error);
  }
}

function leaf(type: GraphQLLeafType): Complete {
  const isText = type === GraphQLString || type === GraphQLID;
  return (_run, value) => {
    if (isText && typeof value === 'string') return value;
    if (type === GraphQLBoolean && typeof value === 'boolean') return value;
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    const serialized = type.serialize(value);
    if (serialized === null || serialized === undefined) throw new Uncommon(type.name);
    return serialized;
  };
}

function list({ complete, isLate }: Completer): Complete {
  return (run, value) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) throw new Uncommon('a list that is no array');
    const items = new Array<unknown>(value.length);
    try {
      for (let at = 0; at < items.length; at++) {
        const item: unknown = value[at];
        if (isLate || isPromise(item)) run.put(item, complete, items, at);
        else items[at] = complete(run, item);
      }
    } catch (error) {
      unheard(value);
      throw error;
    }
    return items;
  };
}

/** Nobody waits for what is in it any more: what fails of that must not end the process. */
function unheard(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) if (isPromise(item)) item.then(undefined, () => undefined);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}
