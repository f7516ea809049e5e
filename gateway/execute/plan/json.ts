export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names that every object seems to have. A client may take one as an alias, a subgraph as a key (attack 51). */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Reads one key of any object, never what the object inherits. */
export function readerOf(key: string): (object: JsonObject) => unknown {
  if (INHERITED.has(key)) return (object) => (Object.hasOwn(object, key) ? object[key] : undefined);
  return (object) => object[key];
}

export function read(object: JsonObject, key: string): unknown {
  return !INHERITED.has(key) || Object.hasOwn(object, key) ? object[key] : undefined;
}

export function write(object: JsonObject, key: string, value: unknown): void {
  if (!INHERITED.has(key)) object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Puts what a subgraph answered into what is known already: objects and lists of one length key by key, the rest as it came. */
export function merge(target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(source)) write(target, key, merged(read(target, key), source[key]));
}

function merged(present: unknown, given: unknown): unknown {
  if (present === given || typeof present !== 'object' || typeof given !== 'object') return given;
  if (present === null || given === null) return given;
  if (Array.isArray(present)) {
    if (!Array.isArray(given) || given.length !== present.length) return given;
    for (let at = 0; at < given.length; at++) present[at] = merged(present[at], given[at]);
    return present;
  }
  if (Array.isArray(given)) return given;
  merge(present as JsonObject, given as JsonObject);
  return present;
}

/** A copy that shares nothing with its original. */
export function copy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) write(result, key, copy((value as JsonObject)[key]));
  return result as T;
}
