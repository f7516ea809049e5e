import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

/** California's directory of schools, as `npm run import -- ca-schools` reads it. */
export const SCHOOL_DIRECTORY = join('orgs', 'california-schools.csv');

/** How many attend a school, and of which ages. */
export interface Attendance {
  /** Id of the organization. */
  id: string;
  enrolment: number;
  youngest: number;
  oldest: number;
}

/** Age at which a child is in a grade, on a count day in autumn. Adults stay in grade 12 until 21 (34 CFR 300.101). */
const AGES: Record<string, readonly [youngest: number, oldest: number]> = {
  PS: [3, 4],
  KN: [5, 5],
  AD: [18, 21],
  // Ungraded secondary.
  PSEC: [12, 21],
};
const agesOf = (grade: string): readonly [number, number] => AGES[grade] ?? [Number(grade) + 5, Number(grade) + 5];
const [YOUNGEST, OLDEST] = [3, 21];

/**
 * Reads who attends which school. A school that ends with grade 12 keeps its students until 21; one that begins with kindergarten
 * has a preschool, as the directory doesn't list them; one without grades (nonpublic schools) takes every age.
 * @param folder that holds `orgs/`
 */
export function readAttendance(folder: string): Attendance[] {
  const rows: Record<string, string>[] = parse(readFileSync(join(folder, SCHOOL_DIRECTORY)), { columns: true });
  return rows.map(({ cds, lowgrade, highgrade, enrollment }) => {
    const youngest = lowgrade ? agesOf(lowgrade)[0] : YOUNGEST;
    const oldest = highgrade ? agesOf(highgrade)[1] : OLDEST;
    return {
      id: `ca-${cds}`,
      enrolment: Number(enrollment || 0),
      youngest: youngest <= 5 ? YOUNGEST : youngest,
      oldest: oldest >= 17 ? OLDEST : oldest,
    };
  });
}
