import { filterSchema, pruneSchema } from '@graphql-tools/utils';
import {
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isIntrospectionType,
  isScalarType,
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
    const visible = filterSchema({
      schema: this.schema,
      rootFieldFilter: (operation, field) => maySelect(rootName(this.schema, operation), field),
      objectFieldFilter: maySelect,
      interfaceFieldFilter: maySelect,
      argumentFilter: (type, field, argument) => mayRead(`${type}.${field}(${argument}:)`),
      inputObjectFieldFilter: (type, field) => mayRead(`${type}.${field}`),
      enumValueFilter: (type, value) => mayRead(`${type}.${value}`),
    });
    return pruneSchema(visible, { skipPruning: (type) => isIntrospectionType(type) || isScalarType(type) });
  }
}

function rootName(schema: GraphQLSchema, operation: 'Query' | 'Mutation' | 'Subscription'): string | undefined {
  if (operation === 'Query') return schema.getQueryType()?.name;
  return operation === 'Mutation' ? schema.getMutationType()?.name : undefined;
}
