import { badInput } from '../../../platform/errors';

const MAX_TEXT = 100;
const MAX_WORDS = 8;

/** Lower case, without accents, apostrophes and punctuation: what names are compared by. `O’Brien-Núñez` → `obrien nunez`. */
export function normalizeName(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\p{M}'’ʼ`]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The stored search and sort key of a student: `last, first`. */
export function searchKey(lastName: string, firstName: string): string {
  return `${normalizeName(lastName)}, ${normalizeName(firstName)}`;
}

/** What a quick search asks for: one unique id, or names that begin with one of these keys. */
export type QuickSearch = { stateId: string } | { prefixes: string[] };

/**
 * Reads the three quick forms: "first last" (SER-12), "last, first" (SER-13), unique id (SER-14).
 * Where a name of several words divides is unknown ("Ana de la Cruz"), so every division counts.
 * @throws BAD_USER_INPUT for a text without a letter or digit, or too long
 */
export function parseQuickSearch(text: string): QuickSearch {
  const trimmed = text.trim();
  if (trimmed.length > MAX_TEXT) throw badInput(`A search text has at most ${MAX_TEXT} characters.`, ['text']);
  if (/\d/.test(trimmed) && !/\s/.test(trimmed)) return { stateId: trimmed };
  const [last = '', ...rest] = trimmed.split(',').map(normalizeName);
  const first = rest.join(' ').trim();
  if (!last && !first) throw badInput('Enter a name ("first last" or "last, first") or a unique id.', ['text']);
  if (trimmed.includes(',')) return { prefixes: [first ? `${last}, ${first}` : `${last},`] };
  const words = last.split(' ').slice(0, MAX_WORDS);
  if (words.length === 1) return { prefixes: [last] };
  return {
    prefixes: words.slice(1).map((_, i) => `${words.slice(i + 1).join(' ')}, ${words.slice(0, i + 1).join(' ')}`),
  };
}
