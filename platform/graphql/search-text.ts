import { badInput } from '../errors';

/** Longer than any name; SQLite refuses patterns of LIKE beyond a length. */
export const MAX_SEARCH_TEXT = 100;

/** @throws BAD_USER_INPUT for a text that is too long to search for */
export function assertSearchText(text: string | null | undefined): void {
  if (text && text.length > MAX_SEARCH_TEXT)
    throw badInput(`A search text has at most ${MAX_SEARCH_TEXT} characters.`, ['text']);
}
