import { createHash, createHmac } from 'node:crypto';
import { reject } from '../../../platform/errors';

/** Number patterns that no real social security number has (V-048): what people type to get past a required field. */
const DUMMY_PATTERNS: readonly RegExp[] = [
  /^(\d)\1{8}$/,
  /^123456789$/,
  /^987654321$/,
  /^000/,
  /^666/,
  /^9/,
  /^...00/,
  /^.....0000$/,
];
/** Nine digits are taken for a social security number, whatever stands between them. */
const LIKE_SSN = /^\d{9}$/;
/** Any other number that an employer gives, such as a file number. Long enough that four characters of it don't give it away. */
const EMPLOYEE_NUMBER = /^(?=.*\d)(?!(.)\1*$)[A-Z0-9]{6,20}$/;

/** The form in which staff identifiers are compared: capitals, without hyphens and spaces. */
const canonical = (text: string): string => text.replace(/[\s-]/g, '').toUpperCase();

/** True for a number that was made up (V-048, SER-109), and for what is no number of a member of staff at all. */
export function isDummyStaffId(text: string): boolean {
  const id = canonical(text);
  return LIKE_SSN.test(id) ? DUMMY_PATTERNS.some((pattern) => pattern.test(id)) : !EMPLOYEE_NUMBER.test(id);
}

let key: Buffer | null = null;

/**
 * Sets the secret that staff identifiers are hashed with; all processes of one installation share it, for good: under
 * another one the identifiers of before are no longer recognized. Without it none are taken.
 */
export function setStaffIdKey(secret: string | undefined): void {
  key = secret === undefined ? null : createHash('sha256').update(`staff-id:${secret}`).digest();
}

/** The keyed hash of a text; null without a key. Never of use to whoever has the database alone. */
const keyedHash = (text: string): string | null => key && createHmac('sha256', key).update(text).digest('hex');

/** The input of a mutation as its repetition is recognized by: a plain hash of a number of nine digits is no secret. */
export const withoutStaffId = <T extends { staffId?: string | null }>(input: T): T =>
  input.staffId == null ? input : { ...input, staffId: keyedHash(input.staffId) };

export interface KeptStaffId {
  staffIdHash: string;
  staffIdLastFour: string;
}

/**
 * What is kept of a staff identifier (X7, domain B.4): a keyed hash to recognize it by within its state, and its last four
 * characters. Checked before hashing.
 * @throws V-048 for a made-up number; X7 when the installation has no key
 */
export function keepStaffId(text: string, stateCode: string): KeptStaffId {
  if (isDummyStaffId(text))
    throw reject('V-048', 'This is not a real staff number: enter the real one, or leave it empty.', ['staffId']);
  const id = canonical(text);
  const staffIdHash = keyedHash(`${stateCode}:${id}`);
  if (!staffIdHash)
    throw reject('X7', 'This installation keeps no staff numbers: leave it empty, or have STAFF_ID_KEY set.', [
      'staffId',
    ]);
  return { staffIdHash, staffIdLastFour: id.slice(-4) };
}
