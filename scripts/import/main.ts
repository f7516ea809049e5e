import { createReadStream, existsSync } from 'node:fs';
import { runProgram } from '../../platform/process';
import { openDatabase } from '../runtime';
import { DIRECTORIES, type DirectoryName } from './directories';
import { type ImportReport, importOrganizations, type RejectedRow, UnusableFile } from './import-organizations';

const isDirectory = (kind: string | undefined): kind is DirectoryName =>
  kind !== undefined && Object.hasOwn(DIRECTORIES, kind);

function usage(): string {
  const kinds = Object.entries(DIRECTORIES).flatMap(([kind, { description, row }]) => [
    `  ${kind.padEnd(12)} ${description}`,
    `  ${''.padEnd(12)} columns ${Object.keys(row.shape).join(', ')}`,
  ]);
  return [
    'Usage: npm run import -- KIND FILE',
    '',
    ...kinds,
    '',
    'FILE is a CSV file in UTF-8 with a header; columns that are not named here may stand beside. The departments of education',
    'publish such directories: California under https://www.cde.ca.gov/ds/si/ds/pubschls.asp, Louisiana (LDOE) under',
    'https://doe.louisiana.gov, New York City under https://data.cityofnewyork.us.',
  ].join('\n');
}

const rejection = ({ line, column, reason }: RejectedRow): string =>
  `line ${line}${column ? `, column ${column}` : ''}: ${reason}`;

function summary({ rows, created, changed, unchanged, rejected }: ImportReport): string {
  const rejectedRows = new Set(rejected.map(({ line }) => line)).size;
  return `${rows} rows read: ${created} organizations created, ${changed} changed, ${unchanged} unchanged; ${rejectedRows} rows rejected.`;
}

/** Imports one file. Exit code 0, also with rejected rows; 2 when the file can't be read or isn't of that layout. */
async function main([kind, file]: string[]): Promise<number> {
  if (!isDirectory(kind) || !file) {
    console.error(usage());
    return 2;
  }
  if (!existsSync(file)) {
    // Before the database is opened, and made.
    console.error(`${file}: There is no such file.\n\n${usage()}`);
    return 2;
  }
  const { database, clock } = await openDatabase();
  try {
    const report = await importOrganizations(database, clock, kind, createReadStream(file), ({ rows, rejected }) => {
      process.stderr.write(`\r${rows} rows read, ${rejected} faults`);
    });
    process.stderr.write('\n');
    for (const row of report.rejected) console.log(rejection(row));
    console.log(summary(report));
    return 0;
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    console.error(`${file}: ${error.message}`);
    return 2;
  } finally {
    await database.close();
  }
}

runProgram(() => main(process.argv.slice(2)));
