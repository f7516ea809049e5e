import { type FragmentDefinitionNode, type GraphQLFormattedError, Kind, type SelectionSetNode } from 'graphql';
import type { AuthorizedOperation } from '../authorize';
import { responseKey } from '../authorize/operation-walk';

interface WithFaults {
  readonly faults?: readonly GraphQLFormattedError[];
}

/** Whether a subgraph refused because the rights of the caller have changed since its Principal was loaded. */
export function isStale({ faults }: WithFaults): boolean {
  return faults?.some((error) => error.extensions?.code === 'STALE_PRINCIPAL') ?? false;
}

/**
 * Whether a mutation that met STALE_PRINCIPAL can be repeated: every one of its root fields was refused for this reason,
 * and none of them after its write was kept (`written`, set by the subgraph). An empty answer alone proves nothing, since
 * payloads are non-null: one refused field empties the answer of the fields before it, which ran.
 */
export function nothingRan(answer: WithFaults, { original }: Pick<AuthorizedOperation, 'original'>): boolean {
  const refused = new Set<unknown>();
  for (const { path, extensions } of answer.faults ?? []) {
    if (extensions?.code !== 'STALE_PRINCIPAL' || extensions.written) return false;
    if (path?.length === 1) refused.add(path[0]);
  }
  const keys = responseKeys(original.operation.selectionSet, original.fragments);
  return keys.every((key) => refused.has(key));
}

/** Keys under `@skip` and `@include` count as well: when in doubt, a mutation isn't repeated. */
function responseKeys(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === '__typename' ? [] : [responseKey(selection)];
    const below = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return below ? responseKeys(below.selectionSet, fragments) : [];
  });
}
