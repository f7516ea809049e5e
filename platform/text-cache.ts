import { LRUCache } from 'lru-cache';

/**
 * Remembers what was made of texts that others choose: so many, and no more than so many characters of them together, since what is
 * made of a text is many times as long.
 */
export const textCache = <V extends object>(max: number, maxLength: number): LRUCache<string, V> =>
  new LRUCache<string, V>({ max, maxSize: maxLength, sizeCalculation: (_, text) => text.length + 1 });
