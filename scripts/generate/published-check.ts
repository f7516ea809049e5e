import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CountDimension } from '../../subgraphs/reporting/child-count/dimensions';
import type { CountCell as Counted } from '../../subgraphs/reporting/child-count/suppress';
import { DISABILITIES, ENVIRONMENTS } from './published-counts';

/** What a child count is asked for, to be held against the published tables. */
export const PUBLISHED_DIMENSIONS = [
  CountDimension.DISABILITY,
  CountDimension.AGE_BAND,
  CountDimension.AGE,
  CountDimension.AGE_GROUP,
  CountDimension.ENVIRONMENT,
];

/** A cell of a published table: the keys that it fixes, in the order of the dimensions; null for one that it adds up. */
export interface PublishedCell {
  keys: (string | null)[];
  count: number;
}

const GROUPS: Record<string, string> = {
  age_5sa_11: '5_TO_11_SCHOOL_AGE',
  age_12_17: '12_TO_17',
  age_18_21: '18_TO_21',
};
const BANDS: Record<string, 'SCHOOL_AGE' | 'EARLY_CHILDHOOD'> = {
  'school age': 'SCHOOL_AGE',
  'early childhood': 'EARLY_CHILDHOOD',
};

/**
 * Every cell of the published tables of disability by age and of disability by environment, sums over all disabilities and
 * ages included. Sex, race and English learners are published too, but no child count breaks down by them.
 * @param folder that holds `counts/`
 */
export function publishedTableCells(folder: string): PublishedCell[] {
  const read = (name: string): Record<string, string>[] =>
    parse(readFileSync(join(folder, 'counts', `ca-idea618-2024-25-${name}.csv`)), { columns: true });
  const cells: PublishedCell[] = [];
  const add = (count: string | undefined, ...keys: (string | null)[]): void => {
    if (count !== undefined && count !== '') cells.push({ keys, count: Number(count) });
  };
  const disabilityOf = (row: Record<string, string>): string | null => DISABILITIES[row.disability!] ?? null;
  for (const band of ['SCHOOL_AGE', 'EARLY_CHILDHOOD'] as const)
    for (const row of read(band === 'SCHOOL_AGE' ? 'school-age' : 'early-childhood')) {
      for (const [column, count] of Object.entries(row)) {
        const [, age] = /^age_(\d+)(?:_school_age|_early_childhood)?$/.exec(column) ?? [];
        if (age) add(count, disabilityOf(row), band, age, null, null);
        if (GROUPS[column]) add(count, disabilityOf(row), band, null, GROUPS[column], null);
      }
      add(row.age_5sa_21 ?? row.age_3_5_total, disabilityOf(row), band, null, null, null);
    }
  for (const row of read('environments')) {
    const band = BANDS[row.age_band!]!;
    const environment = ENVIRONMENTS[band][row.environment!]!;
    add(row.total, disabilityOf(row), band, null, null, environment);
    for (const [column, group] of Object.entries(GROUPS))
      add(row[column], disabilityOf(row), band, null, group, environment);
  }
  return cells;
}

/** The published cells that a child count doesn't meet, with what it has instead. */
export function unmetCells(
  published: readonly PublishedCell[],
  counted: readonly Counted[],
): (PublishedCell & { counted: number })[] {
  const sums = published.map(({ keys, count }) => {
    const matching = counted.filter((cell) => keys.every((key, i) => key === null || key === cell.keys[i]));
    return { keys, count, counted: matching.reduce((sum, cell) => sum + cell.count, 0) };
  });
  return sums.filter((cell) => cell.count !== cell.counted);
}
