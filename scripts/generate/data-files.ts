import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The files that students are drawn from, with the columns that are read; others may stand beside them. */
const DATA_FILES: Readonly<Record<string, string>> = {
  'counts/ca-idea618-2024-25-school-age.csv': 'disability, age_5_school_age, age_6 to age_21',
  'counts/ca-idea618-2024-25-early-childhood.csv': 'disability, age_3, age_4, age_5_early_childhood',
  'counts/ca-idea618-2024-25-environments.csv':
    'disability, age_band, environment, age_5sa_11, age_12_17, age_18_21, total',
  'names/us-surnames-2000-top20000.csv': 'surname, count',
  'names/us-first-names-ssa-2003-2020-top5000.csv': 'name, sex, births_2003_2020',
  'names/us-first-names-1990-female.csv': 'name, freq_pct',
  'names/us-first-names-1990-male.csv': 'name, freq_pct',
};

const SOURCES = `The counts are California's part of the federal child count: "IDEA Section 618" state level data files of the US
Department of Education, https://data.ed.gov. The names are tables of the US Census Bureau (surnames of 2000, first names
of 1990), https://www.census.gov, and of the Social Security Administration (baby names), https://www.ssa.gov/oact/babynames.`;

/** What is missing in the folder, and where such data come from; null when every file is there with its columns. */
export function missingData(folder: string): string | null {
  const missing = Object.entries(DATA_FILES).flatMap(([file, columns]) => {
    const lacking = lackingColumns(join(folder, file), columnsOf(columns));
    if (lacking === null) return [`  ${file} (columns ${columns})`];
    return lacking.length > 0 ? [`  ${file}: lacks the columns ${lacking.join(', ')}`] : [];
  });
  if (missing.length === 0) return null;
  return [
    `${resolve(folder)} lacks ${missing.length} of the files that students are drawn from: name their folder with --data.`,
    ...missing,
    SOURCES,
    'Without them the initial data of npm start have some 400 students.',
  ].join('\n');
}

const columnsOf = (columns: string): string[] =>
  columns.split(', ').flatMap((name) => {
    const [, stem, from, to] = /^(\D+)(\d+) to \D+(\d+)$/.exec(name) ?? [];
    if (!stem) return [name];
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => `${stem}${Number(from) + i}`);
  });

/** null when there is no such file. */
function lackingColumns(path: string, columns: readonly string[]): string[] | null {
  try {
    const header = readFileSync(path, 'utf8')
      .split(/\r?\n/, 1)[0]!
      .replace(/^\uFEFF/, '')
      .split(',');
    return columns.filter((column) => !header.includes(column));
  } catch {
    return null;
  }
}
