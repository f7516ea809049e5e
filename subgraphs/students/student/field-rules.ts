import { badInput, reject } from '../../../platform/errors';

/** Limits of the text columns of this aggregate, by input field. SQLite accepts anything, so the limit is checked here. */
const LIMITS: Record<string, number> = {
  stateId: 20,
  localId: 20,
  firstName: 60,
  middleName: 60,
  lastName: 60,
  gender: 10,
  gradeLevel: 10,
  language: 40,
  title: 20,
  suffix: 20,
  phone: 30,
  email: 120,
  address: 200,
  note: 500,
  correctionReason: 500,
  postedError: 20,
  purpose: 200,
};
const REQUIRED = new Set(['stateId', 'firstName', 'lastName', 'gender', 'gradeLevel']);

/** Grades: infant, toddler, preschool, transitional kindergarten, kindergarten, 1 to 12, and ungraded (domain F.7). */
export const GRADE_LEVELS = [
  'IN',
  'TD',
  'PS',
  'PK',
  'TK',
  'KN',
  '01',
  '02',
  '03',
  '04',
  '05',
  '06',
  '07',
  '08',
  '09',
  '10',
  '11',
  '12',
  'UG',
];
export const GENDERS = ['F', 'M', 'X'];

/**
 * Checks the texts of an input against their columns.
 * @throws BAD_USER_INPUT naming the field
 */
export function checkTexts(input: object): void {
  for (const [field, value] of Object.entries(input)) {
    const limit = LIMITS[field];
    if (limit === undefined || typeof value !== 'string') continue;
    if (value.length > limit) throw badInput(`\`${field}\` has at most ${limit} characters.`, [field]);
    if (REQUIRED.has(field) && value.trim() === '') throw badInput(`\`${field}\` must not be empty.`, [field]);
  }
}

/** @throws BAD_USER_INPUT when the value is not one of the code set */
export function checkCode(value: string | null | undefined, codes: readonly string[], field: string): void {
  if (value != null && !codes.includes(value))
    throw badInput(`\`${field}\` must be one of ${codes.join(', ')}.`, [field]);
}

/** V-047: a local student id that equals, or looks like, a Social Security number (SER-26). */
export function checkLocalId(localId: string | null | undefined): void {
  if (localId == null) return;
  const parts = /^(\d{3})[- ]?(\d{2})[- ]?(\d{4})$/.exec(localId.trim());
  if (!parts) return;
  const [, area = '', group, serial] = parts;
  const neverIssued = area === '000' || area === '666' || area.startsWith('9') || group === '00' || serial === '0000';
  if (!neverIssued)
    throw reject(
      'V-047',
      'A local student id must not be a Social Security number, or look like one: use another id.',
      ['localId'],
    );
}
