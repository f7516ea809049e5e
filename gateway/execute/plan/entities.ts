import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type JsonObject, merge, readerOf, write } from './json';
import { compileRewrites } from './rewrites';
import type { TypeConditions } from './type-conditions';

/** What a subgraph is asked to complete. */
export interface Targets {
  /** The JSON of each representation. */
  readonly representations: string[];
  /** For each representation the objects that have it. */
  readonly objects: JsonObject[][];
}

/** Sorts objects by their representations. What is needed of one and not known leaves it out. */
export type Represent = (objects: readonly JsonObject[]) => Targets;

/** The JSON of what a subgraph needs to know of an object to find and complete it; nothing when that is not known. */
type TextOf = (object: JsonObject) => string | undefined;

/** Compiles the `requires` of a fetch: keys and the fields that `@requires` names, per type. */
export function compileRepresentation({ requires = [], inputRewrites }: FetchNode, types: TypeConditions): Represent {
  const [only] = requires;
  if (
    requires.length === 1 &&
    only?.kind === 'InlineFragment' &&
    !inputRewrites?.length &&
    only.selections.every(isLeaf)
  ) {
    const keys = (only.selections as Field[]).map(responseKey).filter((key) => key !== '__typename');
    const textOf = compileKey(only, types);
    return keys.length === 1 ? byKey(textOf, readerOf(keys[0]!)) : byText(textOf);
  }
  const select = compileSelections(requires, types);
  const rewrite = compileRewrites(inputRewrites, types);
  return byText((object) => {
    const representation = select(object);
    if (!representation || representation.__typename === undefined) return undefined;
    rewrite?.(representation);
    return JSON.stringify(representation);
  });
}

const byText =
  (textOf: TextOf): Represent =>
  (objects) => {
    const targets: Targets = { representations: [], objects: [] };
    const positions = new Map<string, number>();
    for (const object of objects) {
      const text = textOf(object);
      if (text !== undefined) add(targets, positions, text, text, object);
    }
    return targets;
  };

/** Where one value tells the objects of a type apart it is enough to compare it: texts are written once and never compared. */
const byKey =
  (textOf: TextOf, valueOf: (object: JsonObject) => unknown): Represent =>
  (objects) => {
    const targets: Targets = { representations: [], objects: [] };
    const byType = new Map<unknown, Map<unknown, number>>();
    for (const object of objects) {
      let positions = byType.get(object.__typename);
      if (!positions) byType.set(object.__typename, (positions = new Map<unknown, number>()));
      const value = valueOf(object);
      const text = positions.has(value) ? '' : textOf(object);
      if (text !== undefined) add(targets, positions, value, text, object);
    }
    return targets;
  };

/** @param identity what tells the representation from others; `text` is not looked at where it is known */
function add<T>(targets: Targets, positions: Map<T, number>, identity: T, text: string, object: JsonObject): void {
  const known = positions.get(identity);
  if (known !== undefined) {
    targets.objects[known]!.push(object);
    return;
  }
  positions.set(identity, targets.objects.length);
  targets.representations.push(text);
  targets.objects.push([object]);
}

type Field = QueryPlanSelectionNode & { kind: 'Field' };
type Fragment = QueryPlanSelectionNode & { kind: 'InlineFragment' };

const responseKey = ({ alias, name }: Field): string => alias ?? name;

const isLeaf = (selection: QueryPlanSelectionNode): selection is Field =>
  selection.kind === 'Field' && !selection.selections?.length;

/** Most representations are the name of one type and a few leaves: written at once, without an object for each. */
function compileKey({ typeCondition, selections }: Fragment, types: TypeConditions): TextOf {
  const leaves = (selections as Field[]).map((field, at) => {
    const key = responseKey(field);
    return { key, valueOf: readerOf(key), start: `${at > 0 ? ',' : ''}${JSON.stringify(key)}:` };
  });
  if (!leaves.some(({ key }) => key === '__typename')) return () => undefined;
  return (object) => {
    if (typeCondition !== undefined && !types.objectFits(object, typeCondition, false)) return undefined;
    let text = '{';
    for (const { start, valueOf } of leaves) {
      const value = valueOf(object);
      if (value === undefined) return undefined;
      text += start + JSON.stringify(value);
    }
    return `${text}}`;
  };
}

/** What is taken of an object; undefined when a field is missing. */
type Select = (object: JsonObject) => JsonObject | undefined;

/** Undefined when a field is missing: what failed to be fetched is not passed on as if it were null. */
function compileSelections(selections: readonly QueryPlanSelectionNode[], types: TypeConditions): Select {
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

function compileField(field: Field, types: TypeConditions): Add {
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

function selectBelow(value: unknown, select: Select): unknown {
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
function compileFragment(fragment: Fragment, types: TypeConditions): Add {
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
