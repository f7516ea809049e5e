import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type JsonObject, merge, readerOf, write } from './json';
import { compileRewrites } from './rewrites';
import type { TypeConditions } from './type-conditions';

/** What a subgraph needs to know of an object to find and complete it; nothing when that is not known. */
export type Represent = (object: JsonObject) => JsonObject | undefined;

/** Compiles the `requires` of a fetch: keys and the fields that `@requires` names, per type. */
export function compileRepresentation({ requires, inputRewrites }: FetchNode, types: TypeConditions): Represent {
  const select = compileSelections(requires ?? [], types);
  const rewrite = compileRewrites(inputRewrites, types);
  return (object) => {
    const representation = select(object);
    if (!representation || representation.__typename === undefined) return undefined;
    rewrite?.(representation);
    return representation;
  };
}

/** Undefined when a field is missing: what failed to be fetched is not passed on as if it were null. */
function compileSelections(selections: readonly QueryPlanSelectionNode[], types: TypeConditions): Represent {
  const compiled = selections.map((selection) =>
    selection.kind === 'Field' ? compileField(selection, types) : compileFragment(selection, types),
  );
  return (object) => {
    const result: JsonObject = {};
    for (const add of compiled) if (!add(object, result)) return undefined;
    return result;
  };
}

type Add = (from: JsonObject, to: JsonObject) => boolean;

function compileField(field: QueryPlanSelectionNode & { kind: 'Field' }, types: TypeConditions): Add {
  const key = field.alias ?? field.name;
  const valueOf = readerOf(key);
  const below = field.selections && compileSelections(field.selections, types);
  return (from, to) => {
    const value = valueOf(from);
    const selected = below ? selectBelow(value, below) : value;
    if (selected === undefined) return false;
    write(to, key, selected);
    return true;
  };
}

function selectBelow(value: unknown, select: Represent): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (!Array.isArray(value)) return select(value as JsonObject);
  const items: unknown[] = [];
  for (const item of value) {
    const selected = selectBelow(item, select);
    if (selected === undefined) return undefined;
    items.push(selected);
  }
  return items;
}

/** Of several fragments that fit, one that is incomplete does not take the others along. */
function compileFragment(fragment: QueryPlanSelectionNode & { kind: 'InlineFragment' }, types: TypeConditions): Add {
  const { typeCondition } = fragment;
  const select = compileSelections(fragment.selections, types);
  return (from, to) => {
    if (typeCondition !== undefined && !types.objectFits(from, typeCondition, false)) return true;
    const selected = select(from);
    if (selected) merge(to, selected);
    return true;
  };
}

/**
 * Completes an object by what a subgraph answered for it. The subgraph of an interface object knows only the interface's
 * name, which never replaces the name of the type.
 */
export function completeEntity(object: JsonObject, answer: JsonObject, types: TypeConditions): void {
  const before = object.__typename;
  merge(object, answer);
  if (before === undefined || object.__typename === before) return;
  if (types.isConcrete(before) && !types.isConcrete(object.__typename)) object.__typename = before;
}
