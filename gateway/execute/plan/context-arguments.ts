import type { FetchNode } from '@apollo/query-planner';
import type { Place } from './flatten-path';
import { isObject, type JsonObject, read } from './json';
import type { TypeConditions } from './type-conditions';

const ON = '... on ';
const UP = '..';

/** Values for arguments that a subgraph takes from further up in the answer (`@fromContext`), by variable name. */
export type ContextArguments = (place: Place) => JsonObject;

export function compileContextArguments(
  rewrites: FetchNode['contextRewrites'],
  types: TypeConditions,
): ContextArguments | undefined {
  if (!rewrites?.length) return undefined;
  const compiled = rewrites.map(({ path, renameKeyTo }) => {
    const levels = path.filter((element) => element === UP).length;
    const down = path.slice(levels);
    // Each level is a field of the answer: the list positions behind it are gone through with it.
    return ({ object, ancestors }: Place): [string, unknown] => [
      renameKeyTo,
      valueAt(levels === 0 ? object : ancestors.at(-levels), down, types),
    ];
  });
  return (place) => {
    const values: JsonObject = {};
    // One of several types is on the way: the paths through the others lead nowhere.
    for (const resolve of compiled) {
      const [name, value] = resolve(place);
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
}

function valueAt(value: unknown, path: readonly string[], types: TypeConditions): unknown {
  const [element, ...rest] = path;
  if (element === undefined || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => valueAt(item, path, types));
  if (!isObject(value)) return undefined;
  if (!element.startsWith(ON)) return valueAt(read(value, element), rest, types);
  return types.objectFits(value, element.slice(ON.length), true) ? valueAt(value, rest, types) : undefined;
}
