import type { FieldNode } from 'graphql';
import type { Faults } from './faults';
import type { JsonBytes } from './json-bytes';

/** Answers `__schema` and `__type`. */
export type Introspect = (field: FieldNode) => unknown;

/** One writing of an answer. */
export interface Writing {
  readonly out: JsonBytes;
  readonly faults: Faults;
  /** Where the writing is: pushed and popped on the way. */
  readonly path: (string | number)[];
  /** Without it, introspection is an error. */
  readonly introspect?: Introspect;
}

/**
 * Writes a value. False where it can't stand: then there is null, or the value around it is null as well, and whoever decides
 * that takes away what was written of it.
 */
export type Writer = (value: unknown, writing: Writing) => boolean;

/** What a subgraph answered does not fit the schema. */
export function fault({ faults, path }: Writing, message: string): false {
  faults.tell({ message, path: [...path], extensions: { code: 'INTERNAL' } });
  return false;
}
