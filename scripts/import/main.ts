import { createReadStream } from 'node:fs';
import { openDatabase } from '../runtime';
import { DIRECTORIES, type DirectoryName } from './directories';
import { type ImportReport, importOrganizations, type RejectedRow, UnusableFile } from './import-organizations';

const isDirectory = (kind: string | undefined): kind is DirectoryName =>
  kind !== undefined && Object.hasOwn(DIRECTORIES, kind);

function usage(): string {
  const kinds = Object.entries(DIRECTORIES).map(([kind, { description }]) => `  ${kind.padEnd(12)} ${description}`);
  return ['Usage: npm run import -- KIND FILE', '', ...kinds].join('\n');
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

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
