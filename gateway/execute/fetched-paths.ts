import { type FieldNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { textCache } from '../../platform/text-cache';
import { responseKey } from '../authorize/operation-walk';

const keys = textCache<readonly string[]>(2_000, 8 * 1024 * 1024);

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
  const fields = fieldsOf(root);
  const entities = fields.find((node) => node.name.value === '_entities');
  if (!entities) return fields.map(responseKey);
  const selected = entities.selectionSet ? fieldsOf(entities.selectionSet) : [];
  return [...new Set(selected.filter((node) => node.name.value !== '__typename').map(responseKey))];
}

/** Those in fragments too: the planner puts them around types and conditions, one within another. */
function fieldsOf({ selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return node;
    return node.kind === Kind.INLINE_FRAGMENT ? fieldsOf(node.selectionSet) : [];
  });
}
