import { type FieldNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { LRUCache } from 'lru-cache';

const keys = new LRUCache<string, readonly string[]>({ max: 2_000 });

/**
 * The response keys that a subgraph's operation would have filled: of the root, or of the entities it completes. When the
 * subgraph fails, each of them gets an error at its own place.
 */
export function fetchedKeys(operation: string): readonly string[] {
  let known = keys.get(operation);
  if (!known) {
    const [definition] = parse(operation, { noLocation: true }).definitions;
    known = definition?.kind === Kind.OPERATION_DEFINITION ? keysOf(definition.selectionSet) : [];
    keys.set(operation, known);
  }
  return known;
}

function keysOf(root: SelectionSetNode): string[] {
  const fields = root.selections.filter((node): node is FieldNode => node.kind === Kind.FIELD);
  const entities = fields.find((node) => node.name.value === '_entities');
  if (!entities) return fields.map(responseKey);
  const below = entities.selectionSet?.selections ?? [];
  const onTypes = below.flatMap((node) => (node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet.selections : node));
  const selected = onTypes.filter(
    (node): node is FieldNode => node.kind === Kind.FIELD && node.name.value !== '__typename',
  );
  return [...new Set(selected.map(responseKey))];
}

const responseKey = (node: FieldNode): string => node.alias?.value ?? node.name.value;
