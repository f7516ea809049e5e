import { randomInt } from 'node:crypto';

/** Without letters and digits that look alike, because somebody reads it off a screen. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** A first password that nobody chose: about 115 bits, in groups. Shown once; only its hash (`platform/secret.ts`) is kept. */
export function firstPassword(): string {
  const letter = (): string => ALPHABET[randomInt(ALPHABET.length)]!;
  return Array.from({ length: GROUPS }, () => Array.from({ length: GROUP_LENGTH }, letter).join('')).join('-');
}
