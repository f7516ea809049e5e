/**
 * User names are `first.last`, unique over the whole installation. When another person has it, the variant may add only a
 * number or a middle initial to the first name: `first2.last`, `firstm.last` (SIRAS-52, SIRAS-53, V-039, V-040).
 */
const USERNAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/;
export const MAX_USERNAME = 80;

/** Letters and digits of a name in lower case, without accents: `O'Brien` → `obrien`. Empty for a name in another script. */
const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

/** The user name that a person gets when nobody has it yet. */
export function usualUsername(firstName: string, lastName: string): string {
  return [plain(firstName), plain(lastName)].filter(Boolean).join('.');
}

/** True for a text that can be a user name at all. */
export const isUsername = (text: string): boolean =>
  text.length >= 3 && text.length <= MAX_USERNAME && USERNAME.test(text);

/** True for the usual user name of a person and its permitted variants (V-040). */
export function isVariantOf(username: string, firstName: string, lastName: string): boolean {
  const [first, last] = [plain(firstName), plain(lastName)];
  if (!first || !last) return true; // Nothing to hold it against.
  if (username === `${first}.${last}`) return true;
  if (!username.startsWith(first) || !username.endsWith(`.${last}`)) return false;
  return /^(?:[0-9]{1,3}|[a-z])$/.test(username.slice(first.length, username.length - last.length - 1));
}
