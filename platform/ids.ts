import { v7 } from 'uuid';

/** A new opaque id. Time-ordered, so that inserts stay at the end of the index. */
export function newId(): string {
  return v7();
}
