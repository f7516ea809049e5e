import { isObject, type JsonObject, read } from './json';
import type { TypeConditions } from './type-conditions';

/** One step on the way to the objects that a fetch completes. */
type Element = { key: string } | { everyItem: true } | { types: readonly string[] };

/** An object that a fetch completes, with the way to it. */
export interface Place {
  object: JsonObject;
  /** In the client's answer, list positions included. */
  path: (string | number)[];
  /** The objects that were left by a key, the outermost first. */
  ancestors: JsonObject[];
}

/** Where in the answer the planner wants the results of a fetch: keys, `@` for the items of a list, `|[A,B]` for types only. */
export class FlattenPath {
  /** As errors tell it that concern no item in particular: keys, and `@` for list positions. */
  readonly text: readonly string[];
  private readonly elements: readonly Element[];

  constructor(
    path: readonly (string | number)[],
    private readonly types: TypeConditions,
  ) {
    const parsed = path.map((element) => parseElement(String(element)));
    this.elements = parsed.flat();
    this.text = this.elements.flatMap((one) => ('key' in one ? one.key : 'everyItem' in one ? '@' : []));
  }

  /** The objects at this path, in the order of the answer. */
  objects(root: JsonObject): JsonObject[] {
    const found: JsonObject[] = [];
    this.collect(root, 0, found);
    return found;
  }

  private collect(value: unknown, at: number, found: JsonObject[]): void {
    if (value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) {
      const element = this.elements[at];
      const next = element && 'everyItem' in element ? at + 1 : at;
      for (const item of value) this.collect(item, next, found);
      return;
    }
    const object = value as JsonObject;
    const element = this.elements[at];
    if (!element) found.push(object);
    else if ('key' in element) this.collect(read(object, element.key), at + 1, found);
    else if ('everyItem' in element || this.fits(object, element.types)) this.collect(object, at + 1, found);
  }

  /** The same objects, each with the way to it. */
  places(root: JsonObject): Place[] {
    const found: Place[] = [];
    this.walk(root, 0, [], [], found);
    return found;
  }

  private walk(value: unknown, at: number, path: Place['path'], ancestors: JsonObject[], found: Place[]): void {
    const element = this.elements[at];
    if (Array.isArray(value)) {
      const next = element && 'everyItem' in element ? at + 1 : at;
      value.forEach((item, index) => this.walk(item, next, [...path, index], ancestors, found));
    } else if (isObject(value)) {
      if (!element) found.push({ object: value, path, ancestors });
      else if ('key' in element)
        this.walk(read(value, element.key), at + 1, [...path, element.key], [...ancestors, value], found);
      else if ('everyItem' in element || this.fits(value, element.types))
        this.walk(value, at + 1, path, ancestors, found);
    }
  }

  private fits(object: JsonObject, types: readonly string[]): boolean {
    return types.some((type) => this.types.objectFits(object, type, false));
  }
}

/** `key`, `@`, either with `|[A,B]` behind it, or the condition alone. */
function parseElement(text: string): Element[] {
  const [, name = '', types] = /^([^|]*)(?:\|\[(.*)\])?$/.exec(text) ?? [];
  const way: Element[] = name === '' ? [] : [name === '@' ? { everyItem: true } : { key: name }];
  return types === undefined ? way : [...way, { types: types.split(',').map((one) => one.trim()) }];
}
