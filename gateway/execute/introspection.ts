import { filterSchema, pruneSchema } from '@graphql-tools/utils';
import {
  executeSync,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isNonNullType,
  isSpecifiedScalarType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type AuthorizedOperation, type Caller, isSatisfied, type PolicyIndex } from '../authorize';

/** What an operation asks of the schema itself, as against the data: nothing, nothing else, or both. */
export function introspectionIn({ original }: Pick<AuthorizedOperation, 'original'>): 'none' | 'only' | 'mixed' {
  const names = rootFieldNames(original.operation.selectionSet, original.fragments);
  const asked = [...names].filter((name) => name === '__schema' || name === '__type').length;
  if (asked === 0) return 'none';
  return [...names].every((name) => name.startsWith('__')) ? 'only' : 'mixed';
}

function rootFieldNames(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  into = new Set<string>(),
  seen = new Set<string>(),
) {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) into.add(selection.name.value);
    else if (selection.kind === Kind.INLINE_FRAGMENT) rootFieldNames(selection.selectionSet, fragments, into, seen);
    else if (!seen.has(selection.name.value)) {
      seen.add(selection.name.value);
      const fragment = fragments.get(selection.name.value);
      if (fragment) rootFieldNames(fragment.selectionSet, fragments, into, seen);
    }
  }
  return into;
}

/** Answers introspection with the schema that the caller may use, made once per caller class. */
export class VisibleSchemas {
  private readonly schemas = new LRUCache<string, GraphQLSchema>({ max: 50 });

  constructor(
    private readonly index: PolicyIndex,
    private readonly schema: GraphQLSchema,
  ) {}

  introspect(operation: Pick<AuthorizedOperation, 'document'>, variables: Record<string, unknown>, caller: Caller) {
    return executeSync({ schema: this.for(caller), document: operation.document, variableValues: variables });
  }

  for(caller: Caller): GraphQLSchema {
    const key = JSON.stringify([caller.level, [...caller.capabilities].sort()]);
    let known = this.schemas.get(key);
    if (!known) this.schemas.set(key, (known = this.filter(caller)));
    return known;
  }

  private filter(caller: Caller): GraphQLSchema {
    const { selections, reads } = this.index;
    const mayRead = (coordinate: string): boolean => {
      const requirement = reads.get(coordinate);
      return !requirement || isSatisfied(requirement, caller);
    };
    const maySelect = (type: string | undefined, field: string | undefined): boolean => {
      const requirement = selections.get(`${type}.${field}`);
      return requirement !== undefined && isSatisfied(requirement, caller);
    };
    const canGive = usableInputs(mayRead);
    const mayGive = (coordinate: string, { type }: { type: GraphQLInputType }) => mayRead(coordinate) && canGive(type);
    // A field that demands what the caller may not give can only ever be refused.
    const mayCall = (type: string | undefined, name: string | undefined, field: FieldConfig): boolean =>
      maySelect(type, name) &&
      Object.entries(argumentsOf(field)).every(
        ([argument, config]) => !isRequired(config) || mayGive(`${type}.${name}(${argument}:)`, config),
      );
    const visible = filterSchema({
      schema: this.schema,
      rootFieldFilter: (operation, name, field) => mayCall(rootName(this.schema, operation), name, field),
      objectFieldFilter: mayCall,
      interfaceFieldFilter: mayCall,
      argumentFilter: (type, field, argument, config) => mayGive(`${type}.${field}(${argument}:)`, config!),
      inputObjectFieldFilter: (type, field, config) => mayGive(`${type}.${field}`, config as GraphQLInputFieldConfig),
      enumValueFilter: (type, value) => mayRead(`${type}.${value}`),
    });
    // The scalars of the specification stay: introspection itself uses them.
    return pruneSchema(visible, { skipPruning: (type) => isIntrospectionType(type) || isSpecifiedScalarType(type) });
  }
}

/** What graphql-tools calls a field; one of an input object never comes here. */
type FieldConfig = GraphQLFieldConfig<unknown, unknown> | GraphQLInputFieldConfig;
const argumentsOf = (field: FieldConfig): GraphQLFieldConfigArgumentMap => ('args' in field && field.args) || {};

const isRequired = ({ type, defaultValue }: { type: GraphQLInputType; defaultValue?: unknown }): boolean =>
  isNonNullType(type) && defaultValue === undefined;

/** Whether a caller can write any value of an input type: an enum value that is open, every field that is required. */
function usableInputs(mayRead: (coordinate: string) => boolean): (type: GraphQLInputType) => boolean {
  const known = new Map<string, boolean>();
  const isUsable = (type: GraphQLInputType): boolean => {
    const named = getNamedType(type);
    const decided = known.get(named.name);
    if (decided !== undefined) return decided;
    // Input types may be recursive: what leads back to itself doesn't decide.
    known.set(named.name, true);
    let usable = true;
    if (isEnumType(named)) usable = named.getValues().some(({ name }) => mayRead(`${named.name}.${name}`));
    if (isInputObjectType(named)) {
      const fields = Object.values(named.getFields());
      const open = fields.filter((field) => mayRead(`${named.name}.${field.name}`) && isUsable(field.type));
      usable = open.length > 0 && fields.every((field) => !isRequired(field) || open.includes(field));
    }
    known.set(named.name, usable);
    return usable;
  };
  return isUsable;
}

function rootName(schema: GraphQLSchema, operation: 'Query' | 'Mutation' | 'Subscription'): string | undefined {
  if (operation === 'Query') return schema.getQueryType()?.name;
  return operation === 'Mutation' ? schema.getMutationType()?.name : undefined;
}
