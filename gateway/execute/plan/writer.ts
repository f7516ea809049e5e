import type { FieldNode } from 'graphql';
import type { Faults } from './faults';

/** Answers `__schema` and `__type`. */
export type Introspect = (field: FieldNode) => unknown;

/** One writing of an answer. */
export interface Writing {
  readonly faults: Faults;
  /** Where the writing is: pushed and popped on the way. */
  readonly path: (string | number)[];
  /** Without it, introspection is an error. */
  readonly introspect?: Introspect;
}

/** The JSON of a value, or undefined where it can't stand: then there is null, or the value around it is null as well. */
export type Writer = (value: unknown, writing: Writing) => string | undefined;

/** What a subgraph answered does not fit the schema. */
export function fault({ faults, path }: Writing, message: string): undefined {
  faults.add({ message, path: [...path], extensions: { code: 'INTERNAL' } });
  return undefined;
}
