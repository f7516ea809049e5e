import { createHmac } from 'node:crypto';
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

/** True for a number that was made up (V-048, SER-109). The text has nine digits, with or without hyphens. */
export function isDummyStaffId(text: string): boolean {
  const digits = text.replaceAll('-', '');
  return !/^\d{9}$/.test(digits) || DUMMY_PATTERNS.some((pattern) => pattern.test(digits));
}

export interface KeptStaffId {
  staffIdHash: string;
  staffIdLastFour: string;
}

/**
 * What is kept of a staff identifier: a keyed hash to recognize it by, and its last four digits. Checked before hashing.
 * @param key secret of the installation; another key makes other hashes
 * @throws V-048 for a made-up number
 */
export function keepStaffId(text: string, key: Uint8Array): KeptStaffId {
  if (isDummyStaffId(text))
    throw reject('V-048', 'This is not a real staff number: enter the real one, or leave it empty.', ['staffId']);
  const digits = text.replaceAll('-', '');
  return { staffIdHash: createHmac('sha256', key).update(digits).digest('hex'), staffIdLastFour: digits.slice(-4) };
}
