import type { FetchNode } from '@apollo/query-planner';
import { isObject, type JsonObject, read, write } from './json';
import type { TypeConditions } from './type-conditions';

type Rewrites = NonNullable<FetchNode['outputRewrites']>;
export type Rewrite = (value: unknown) => void;

const ON = '... on ';

/** Compiles the planner's corrections of what goes to or comes from a subgraph; they change the value in place. */
export function compileRewrites(rewrites: Rewrites | undefined, types: TypeConditions): Rewrite | undefined {
  if (!rewrites?.length) return undefined;
  const compiled = rewrites.map((rewrite) => {
    const key = rewrite.path.at(-1)!;
    const change =
      rewrite.kind === 'ValueSetter'
        ? (object: JsonObject) => write(object, key, rewrite.setValueTo)
        : (object: JsonObject) => rename(object, key, rewrite.renameKeyTo);
    return (value: unknown) => applyAt(value, rewrite.path, 0, change, types);
  });
  return (value) => {
    for (const apply of compiled) apply(value);
  };
}

function rename(object: JsonObject, from: string, to: string): void {
  const value = read(object, from);
  if (value === undefined) return;
  delete object[from];
  // One of several fields that take turns under one alias: what the other gave is not undone by this one's null.
  if (value !== null || read(object, to) === undefined) write(object, to, value);
}

function applyAt(
  value: unknown,
  path: readonly string[],
  at: number,
  change: (object: JsonObject) => void,
  types: TypeConditions,
): void {
  if (Array.isArray(value)) {
    for (const item of value) applyAt(item, path, at, change, types);
  } else if (isObject(value)) {
    const element = path[at]!;
    if (element.startsWith(ON)) {
      if (types.objectFits(value, element.slice(ON.length), true)) applyAt(value, path, at + 1, change, types);
    } else if (at === path.length - 1) change(value);
    else applyAt(read(value, element), path, at + 1, change, types);
  }
}

/** What errors below a fetch call a field that the client knows by another name. */
export function renamedKeys(rewrites: Rewrites | undefined): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const rewrite of rewrites ?? [])
    if (rewrite.kind === 'KeyRenamer') names.set(rewrite.path.at(-1)!, rewrite.renameKeyTo);
  return names;
}
