/** Rebuilds an operation without its denied selections. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { DeniedBelow } from './denials';
import { type ExecutedOperation, type FieldInPlace, responseKey } from './operation-walk';

export interface Denied {
  readonly nodes: ReadonlySet<FieldNode>;
  readonly below: DeniedBelow;
}

/**
 * The executed operation with the fragments that it still uses, without denied selections and without the variables that
 * only they used. It validates whenever the original did.
 *
 * Under `typenameKey` it selects `__typename` where nothing else is left of an allowed object.
 */
export function filterOperation(
  { operation, fragments }: ExecutedOperation,
  denied: Denied,
  typenameKey: string,
): { document: DocumentNode; isEmpty: boolean } {
  const typename: FieldNode = {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: typenameKey },
    name: { kind: Kind.NAME, value: '__typename' },
  };
  const kept = new Map<string, FragmentDefinitionNode | undefined>();

  // Also run where nothing is denied below: the fragments used there have to be kept.
  const filterSet = (set: SelectionSetNode): SelectionNode[] =>
    set.selections.flatMap((selection) => filterSelection(selection) ?? []);
  const filterSelection = (selection: SelectionNode): SelectionNode | undefined => {
    if (selection.kind === Kind.FIELD) return filterField(selection);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return filterFragment(selection.name.value) && selection;
    const selections = filterSet(selection.selectionSet);
    return selections.length ? { ...selection, selectionSet: selectionSet(selections) } : undefined;
  };
  const filterField = (node: FieldNode): FieldNode | undefined => {
    if (denied.nodes.has(node)) return undefined;
    if (!node.selectionSet) return node;
    const selections = filterSet(node.selectionSet);
    if (!denied.below.has(node.selectionSet)) return node;
    if (selections.length === 0) selections.push(typename);
    return { ...node, selectionSet: selectionSet(selections) };
  };
  const filterFragment = (name: string): FragmentDefinitionNode | undefined => {
    if (kept.has(name)) return kept.get(name);
    const fragment = fragments.get(name)!;
    const selections = filterSet(fragment.selectionSet);
    const rest = selections.length ? { ...fragment, selectionSet: selectionSet(selections) } : undefined;
    kept.set(name, rest);
    return rest;
  };
  const selections = filterSet(operation.selectionSet);
  const isEmpty = selections.length === 0;
  const filtered = { ...operation, selectionSet: selectionSet(isEmpty ? [typename] : selections) };
  const definitions = [...kept.values()].filter((fragment) => fragment !== undefined);
  return { document: { kind: Kind.DOCUMENT, definitions: withUsedVariables(filtered, definitions) }, isEmpty };
}

/** A response key that no selection of this operation uses, the same for the same operation. */
export function unusedKey(places: ReadonlyMap<FieldNode, FieldInPlace>, wanted: string): string {
  const used = new Set([...places.keys()].map(responseKey));
  let key = wanted;
  while (used.has(key)) key += '_';
  return key;
}

function withUsedVariables(operation: OperationDefinitionNode, fragments: readonly FragmentDefinitionNode[]) {
  const used = new Set<string>();
  const body = { ...operation, variableDefinitions: [] };
  visit({ kind: Kind.DOCUMENT, definitions: [body, ...fragments] } as DocumentNode, {
    Variable: (node) => void used.add(node.name.value),
  });
  const variableDefinitions = operation.variableDefinitions?.filter((one) => used.has(one.variable.name.value));
  return [{ ...operation, variableDefinitions }, ...fragments];
}

function selectionSet(selections: SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}
