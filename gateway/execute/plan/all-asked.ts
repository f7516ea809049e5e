import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';
import { responseKey } from '../../authorize/operation-walk';
import { fetchedKeys } from '../fetched-paths';

/**
 * The planner leaves out a field when no object can be of its type: a plan without it would answer null, as if that were known.
 *
 * @param document as the planner got it
 * @throws Error when the plan asks nobody for a field of the query or mutation itself
 */
export function assertAllAsked(document: DocumentNode, { node }: QueryPlan): void {
  const asked = new Set(rootFetches(node).flatMap(({ operation }) => fetchedKeys(operation)));
  const missing = rootKeys(document).filter((key) => !asked.has(key));
  if (missing.length > 0) throw new Error(`No subgraph can be asked for ${missing.join(', ')}`);
}

function rootFetches(node: QueryPlan['node']): FetchNode[] {
  switch (node?.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(rootFetches);
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap(rootFetches);
    case 'Fetch':
      return node.requires ? [] : [node];
    default:
      return [];
  }
}

/** Those that are asked for in any case, but for introspection. */
function rootKeys({ definitions }: DocumentNode): string[] {
  const collect = ({ selections }: SelectionSetNode): string[] =>
    selections.flatMap((node): string[] => {
      if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return [];
      if (node.kind === Kind.INLINE_FRAGMENT) return collect(node.selectionSet);
      if (node.kind === Kind.FIELD) return node.name.value.startsWith('__') ? [] : [responseKey(node)];
      return definitions.flatMap((one) =>
        one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === node.name.value ? collect(one.selectionSet) : [],
      );
    });
  return definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? collect(one.selectionSet) : []));
}
