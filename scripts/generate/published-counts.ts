import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

/** A cell of the federal child count: so many students of this disability, age and environment. */
export interface CountCell {
  /** Federal code, such as `AUT`. */
  disability: string;
  age: number;
  band: 'EARLY_CHILDHOOD' | 'SCHOOL_AGE';
  /** Federal code, such as `RC80`. */
  environment: string;
  count: number;
}

/** Federal disability codes (domain F.1) by the names of the published tables. */
export const DISABILITIES: Record<string, string> = {
  Autism: 'AUT',
  'Deaf-blindness': 'DB',
  'Emotional disturbance': 'EMN',
  'Hearing impairment': 'HI',
  'Intellectual disability': 'ID',
  'Multiple disabilities': 'MD',
  'Orthopedic impairment': 'OI',
  'Other health impairment': 'OHI',
  'Specific learning disability': 'SLD',
  'Speech or language impairment': 'SLI',
  'Traumatic brain injury': 'TBI',
  'Visual impairment': 'VI',
};

/** Federal environment codes (domain F.8) by band and published name. */
export const ENVIRONMENTS: Record<CountCell['band'], Record<string, string>> = {
  SCHOOL_AGE: {
    'Inside regular class 80% or more of the day': 'RC80',
    'Inside regular class 40% through 79% of the day': 'RC79TO40',
    'Inside regular class less than 40% of the day': 'RC39',
    'Separate School, School Age': 'SS',
    'Residential Facility, School Age': 'RF',
    'Homebound/Hospital': 'HH',
    'Correctional Facilities': 'CF',
    'Parentally Placed in Private Schools': 'PPPS',
  },
  EARLY_CHILDHOOD: {
    'Services in Regular Early Childhood Program (attend at least 10 hours)': 'REC10YSVCS',
    'Services in Other Location than Regular Early Childhood Program (attend at least 10 hours)': 'REC10YOTHLOC',
    'Services in Regular Early Childhood Program (attend less than 10 hours)': 'REC09YSVCS',
    'Services in Other Location than Regular Early Childhood Program (attend less than 10 hours)': 'REC09YOTHLOC',
    'Separate Class': 'SC',
    'Separate School, Early Childhood': 'SS',
    'Residential Facility, Early Childhood': 'RF',
    Home: 'H',
    'Service Provider Location': 'SPL',
  },
};

/** The school-age bands in which environments are published. */
const SCHOOL_AGE_BANDS: Record<string, number[]> = {
  age_5sa_11: [5, 6, 7, 8, 9, 10, 11],
  age_12_17: [12, 13, 14, 15, 16, 17],
  age_18_21: [18, 19, 20, 21],
};

type Row = Record<string, string>;

/**
 * Reads the published tables of California (disability × age, and disability × age band × environment) and joins them into
 * cells that add up to both, cell by cell.
 * @param folder that holds `counts/ca-idea618-2024-25-*.csv`
 */
export function publishedCells(folder: string): CountCell[] {
  const read = (name: string): Row[] =>
    parse(readFileSync(join(folder, 'counts', `ca-idea618-2024-25-${name}.csv`)), { columns: true });
  const schoolAge = read('school-age');
  const earlyChildhood = read('early-childhood');
  const environments = read('environments');
  const cells: CountCell[] = [];

  for (const [name, disability] of Object.entries(DISABILITIES)) {
    const here = environments.filter((row) => row.disability === name);
    const bySchoolAge = schoolAge.find((row) => row.disability === name)!;
    for (const [column, ages] of Object.entries(SCHOOL_AGE_BANDS)) {
      const ageCounts = ages.map(
        (age) => [age, Number(bySchoolAge[age === 5 ? 'age_5_school_age' : `age_${age}`])] as const,
      );
      const counts = here
        .filter((row) => row.age_band === 'school age')
        .map((row) => [ENVIRONMENTS.SCHOOL_AGE[row.environment!]!, Number(row[column])] as const);
      for (const joint of join2(ageCounts, counts))
        cells.push({ disability, band: 'SCHOOL_AGE', age: joint[0], environment: joint[1], count: joint[2] });
    }
    const byAge = earlyChildhood.find((row) => row.disability === name)!;
    const ageCounts = (
      [
        [3, 'age_3'],
        [4, 'age_4'],
        [5, 'age_5_early_childhood'],
      ] as const
    ).map(([age, column]) => [age, Number(byAge[column])] as const);
    const counts = here
      .filter((row) => row.age_band === 'early childhood')
      .map((row) => [ENVIRONMENTS.EARLY_CHILDHOOD[row.environment!]!, Number(row.total)] as const);
    for (const joint of join2(ageCounts, counts))
      cells.push({ disability, band: 'EARLY_CHILDHOOD', age: joint[0], environment: joint[1], count: joint[2] });
  }
  return cells;
}

/** Whole numbers with the given sums by row and by column, as near to proportional as that allows. */
function join2<A, B>(rows: (readonly [A, number])[], columns: (readonly [B, number])[]): [A, B, number][] {
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  if (total !== columns.reduce((sum, [, count]) => sum + count, 0))
    throw new Error('The published tables do not add up to the same total.');
  const cells = rows.map(([, r]) => columns.map(([, c]) => (total === 0 ? 0 : Math.floor((r * c) / total))));
  const missingInRow = rows.map(([, count], i) => count - cells[i]!.reduce((sum, n) => sum + n, 0));
  const missingInColumn = columns.map(([, count], j) => count - cells.reduce((sum, row) => sum + row[j]!, 0));
  for (let i = 0, j = 0; i < rows.length && j < columns.length;) {
    const step = Math.min(missingInRow[i]!, missingInColumn[j]!);
    cells[i]![j]! += step;
    missingInRow[i]! -= step;
    missingInColumn[j]! -= step;
    if (missingInRow[i] === 0) i++;
    else j++;
  }
  return rows
    .flatMap(([row], i) => columns.map(([column], j) => [row, column, cells[i]![j]!] as [A, B, number]))
    .filter(([, , count]) => count > 0);
}

/** The same distribution for `size` students: every cell gets its share, rounded so that the sum is exact. */
export function scaleCells(cells: readonly CountCell[], size: number): CountCell[] {
  const total = cells.reduce((sum, cell) => sum + cell.count, 0);
  let seen = 0;
  let given = 0;
  return cells
    .map((cell) => {
      seen += cell.count;
      const upTo = Math.round((seen * size) / total);
      const count = upTo - given;
      given = upTo;
      return { ...cell, count };
    })
    .filter((cell) => cell.count > 0);
}
