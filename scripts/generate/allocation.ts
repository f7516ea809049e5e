import { Random } from '../seed/random';
import type { Place } from './places';
import type { CountCell } from './published-counts';
import type { Attendance } from './schools-of-directory';

/** A school with who attends it. */
export type Site = Place & Attendance;

/** Educated apart from others: what a nonpublic school is for. */
const APART = new Set(['SS', 'RF']);
const isApart = ({ environment }: CountCell): boolean => APART.has(environment);
const isNonpublic = ({ school }: Site): boolean => school.kind === 'NPS';

/**
 * Which student of a population counts in which cell and attends which school: every cell is used up, and each school gets
 * students by its enrolment, of the ages that attend it. Students are numbered along the schools, in the order given, so that
 * the same cells, schools and seed give the same students however often the work is interrupted. Four bytes a student.
 */
export class Allocation {
  private readonly cellOf: Uint16Array;
  private readonly siteOf: Uint16Array;

  constructor(
    private readonly cells: readonly CountCell[],
    private readonly sites: readonly Site[],
    private readonly seed: number,
  ) {
    const size = cells.reduce((sum, { count }) => sum + count, 0);
    const bySite = sites.map((): number[] => []);
    for (const group of this.groups()) this.spread(group, bySite);
    this.fillEmpty(bySite, size);
    this.cellOf = new Uint16Array(size);
    this.siteOf = new Uint16Array(size);
    let next = 0;
    for (const [site, here] of bySite.entries()) {
      this.siteOf.fill(site, next, next + here.length);
      this.cellOf.set(here, next);
      next += here.length;
    }
  }

  get size(): number {
    return this.cellOf.length;
  }
  /** How many schools have a student. */
  get schools(): number {
    return new Set(this.siteOf).size;
  }

  /** @param index from 0 */
  at(index: number): { cell: CountCell; place: Place } {
    const { lea, school } = this.sites[this.siteOf[index]!]!;
    return { cell: this.cells[this.cellOf[index]!]!, place: { lea, school } };
  }

  /** How many of the students before an index each LEA has. */
  byLea(before: number): Map<string, number> {
    const counts = new Map<string, number>();
    for (let index = 0; index < before; index++) {
      const { id } = this.sites[this.siteOf[index]!]!.lea;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  }

  /** Positions of the cells of one age, those apart and the others. */
  private groups(): number[][] {
    const groups = new Map<string, number[]>();
    for (const [position, cell] of this.cells.entries()) {
      const key = `${cell.age} ${isApart(cell)}`;
      groups.set(key, [...(groups.get(key) ?? []), position]);
    }
    return [...groups.values()];
  }

  private spread(group: readonly number[], bySite: number[][]): void {
    const { age } = this.cells[group[0]!]!;
    const students = Random.of(this.seed, 'cells', ...group).shuffle(
      group.flatMap((position) => Array<number>(this.cells[position]!.count).fill(position)),
    );
    const shares = apportion(students.length, this.weights(age, isApart(this.cells[group[0]!]!), students.length));
    let next = 0;
    for (const [site, count] of shares.entries()) {
      bySite[site]!.push(...students.slice(next, next + count));
      next += count;
    }
  }

  /** Everybody at a nonpublic school has an IEP, and is there because of it; elsewhere an even share of each age. */
  private weights(age: number, apart: boolean, students: number): number[] {
    const fitting = this.sites.map(({ youngest, oldest }) => age >= youngest && age <= oldest);
    const perAge = this.sites.map(({ enrolment, youngest, oldest }, i) =>
      fitting[i] ? Math.max(enrolment, 1) / (oldest - youngest + 1) : 0,
    );
    const sum = (nonpublic: boolean): number =>
      perAge.reduce((total, weight, i) => total + (isNonpublic(this.sites[i]!) === nonpublic ? weight : 0), 0);
    const [inNonpublic, elsewhere] = [sum(true), sum(false)];
    if (elsewhere === 0) return perAge;
    const all = this.cells.reduce((total, { count }) => total + count, 0);
    const wanted = apart ? Math.min(0.8, (inNonpublic * (all / PUBLISHED)) / students) : 0;
    const factor = inNonpublic > 0 ? (wanted * elsewhere) / ((1 - wanted) * inNonpublic) : 0;
    return perAge.map((weight, i) => (isNonpublic(this.sites[i]!) ? weight * factor : weight));
  }

  /** A population that could reach every school does: an empty one takes a student from the fullest of the same ages. */
  private fillEmpty(bySite: number[][], size: number): void {
    if (size < PUBLISHED / 10) return;
    for (const [site, here] of bySite.entries()) {
      if (here.length > 0) continue;
      const wanted = this.sites[site]!;
      const fits = (cell: number): boolean => {
        const { age } = this.cells[cell]!;
        const ofKind = !isNonpublic(wanted) || isApart(this.cells[cell]!);
        return ofKind && age >= wanted.youngest && age <= wanted.oldest;
      };
      let fullest: number[] = [];
      for (const there of bySite) if (there.length > Math.max(1, fullest.length) && there.some(fits)) fullest = there;
      if (fullest.length > 0) here.push(...fullest.splice(fullest.findIndex(fits), 1));
    }
  }
}

/** Students of the published child count, which the enrolments of the directory belong to. */
const PUBLISHED = 870_993;

/** Whole numbers in proportion to the weights that add up to the total; none for a weight of 0. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) throw new Error('No school takes students of this age.');
  let [seen, given] = [0, 0];
  return weights.map((weight) => {
    seen += weight;
    const count = weight === 0 ? 0 : Math.min(total, Math.round((seen * total) / sum)) - given;
    given += count;
    return count;
  });
}
