import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { NameSource } from '../seed/person';
import type { Random } from '../seed/random';

/** Names of students and guardians, drawn as often as the public tables say. */
const TABLES = {
  surnames: ['us-surnames-2000-top20000.csv', 'surname', 'count'],
  children: ['us-first-names-ssa-2003-2020-top5000.csv', 'name', 'births_2003_2020'],
  women: ['us-first-names-1990-female.csv', 'name', 'freq_pct'],
  men: ['us-first-names-1990-male.csv', 'name', 'freq_pct'],
} as const;

/** Draws names by weight: a binary search in the running totals. */
class NameTable {
  private readonly names: string[] = [];
  private readonly totals: number[] = [];

  constructor(rows: readonly (readonly [name: string, weight: number])[]) {
    let total = 0;
    for (const [name, weight] of rows) {
      this.names.push(name);
      this.totals.push((total += weight));
    }
  }

  draw(random: Random): string {
    const wanted = random.next() * this.totals.at(-1)!;
    let [low, high] = [0, this.totals.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.totals[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return this.names[low]!;
  }
}

/**
 * Reads the tables of the US Census and the Social Security Administration.
 * @param folder that holds `names/*.csv`
 */
export function weightedNames(folder: string): NameSource {
  const read = (table: keyof typeof TABLES, only: (row: Record<string, string>) => boolean = () => true): NameTable => {
    const [file, name, weight] = TABLES[table];
    const rows: Record<string, string>[] = parse(readFileSync(join(folder, 'names', file)), { columns: true });
    return new NameTable(rows.filter(only).map((row) => [row[name]!, Number(row[weight])]));
  };
  const surnames = read('surnames');
  const children = {
    F: read('children', (row) => row.sex === 'F'),
    M: read('children', (row) => row.sex === 'M'),
    X: read('children'),
  };
  const adults = [read('women'), read('men')];
  return {
    first: (random, gender) => children[gender].draw(random),
    last: (random) => surnames.draw(random),
    guardian: (random) => random.pick(adults).draw(random),
  };
}
