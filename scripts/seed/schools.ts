import type { School } from './student-case';

/** Ages that a school's name speaks of; the directory of the initial data holds no grades. */
const BY_NAME: readonly [pattern: RegExp, youngest: number, oldest: number][] = [
  [/\b(preschool|pre-?k|early (childhood|learning)|infant)\b/i, 3, 5],
  [/\b(middle|junior high|intermediate|jr\.? high)\b/i, 11, 13],
  [/\b(high|secondary|continuation|adult)\b/i, 14, 21],
  [/\b(elementary|primary|P\.S\.)|\(K-\d\)/i, 3, 13],
];

/** Whether somebody of this age may attend a school of this name; a name that says nothing fits everybody. */
export function fitsAge(name: string, age: number): boolean {
  const known = BY_NAME.find(([pattern]) => pattern.test(name));
  return !known || (age >= known[1] && age <= known[2]);
}

/** The public schools among these that fit an age; all public ones when none does. */
export function schoolsForAge<S extends Pick<School, 'name' | 'kind'>>(schools: readonly S[], age: number): S[] {
  const open = schools.filter((school) => school.kind === 'SCHOOL');
  const fitting = open.filter((school) => fitsAge(school.name, age));
  return fitting.length > 0 ? fitting : open;
}
