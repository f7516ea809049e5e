import type { Facts } from './facts';

/** A student who counts, as the child count should see it (IDEA section 618; domain F.1, F.8). */
export interface Counted {
  id: string;
  keys: Record<'DISABILITY' | 'AGE' | 'AGE_BAND' | 'ENVIRONMENT' | 'LEA', string>;
}

const BEFORE_KINDERGARTEN = ['IN', 'TD', 'PS', 'PK'];

/** Completed years on a day. */
function ageOn(birth: string, on: string): number {
  const years = Number(on.slice(0, 4)) - Number(birth.slice(0, 4));
  return birth.slice(5) > on.slice(5) ? years - 1 : years;
}

/**
 * The students who count on a day, from the tables of the facts: eligible and participating, a current IEP, a jurisdiction
 * that is open, 3 to 21 years old. Shares nothing with the read model that the product counts on.
 */
export async function countedStudents(facts: Facts, on: string, today: string): Promise<Counted[]> {
  const rows = await facts.rows<Record<'id' | 'birth' | 'grade' | 'disability' | 'environment' | 'lea', string>>(
    'SELECT s.id, s.date_of_birth AS birth, s.grade_level AS grade, i.primary_disability AS disability,' +
      ' i.federal_environment AS environment, j.lea_id AS lea FROM student s' +
      " JOIN iep i ON i.student_id = s.id AND i.state = 'CURRENT' JOIN jurisdiction j ON j.student_id = s.id" +
      " WHERE s.status = 'ELIGIBLE_ACTIVE' AND s.hidden = 0 AND j.begin_date <= ? AND (j.end_date IS NULL OR j.end_date >= ?)",
    [today, today],
  );
  return rows.flatMap(({ id, birth, grade, disability, environment, lea }) => {
    const age = ageOn(birth, on);
    if (age < 3 || age > 21) return [];
    const early = age < 5 || (age === 5 && BEFORE_KINDERGARTEN.includes(grade));
    const band = early ? 'EARLY_CHILDHOOD' : 'SCHOOL_AGE';
    return [
      { id, keys: { DISABILITY: disability, AGE: String(age), AGE_BAND: band, ENVIRONMENT: environment, LEA: lea } },
    ];
  });
}

export type Dimension = keyof Counted['keys'];

/** How many of these students fall under each combination of keys. */
export function cellsOf(students: readonly Counted[], dimensions: readonly Dimension[]): Map<string, number> {
  const cells = new Map<string, number>();
  for (const { keys } of students) {
    const key = dimensions.map((dimension) => keys[dimension]).join('|');
    cells.set(key, (cells.get(key) ?? 0) + 1);
  }
  return cells;
}
