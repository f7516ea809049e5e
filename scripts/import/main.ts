import { createReadStream, existsSync } from 'node:fs';
import { runProgram } from '../../platform/process';
import { openDatabase } from '../runtime';
import { DIRECTORIES, type DirectoryName } from './directories';
import { importOrganizationFile } from './import-organization-file';
import { importOrganizations } from './import-organizations';
import { ORGANIZATION_FILE } from './organization-file';
import { type ImportReport, type OnProgress, type RejectedRow, UnusableFile } from './read-rows';

const OWN_LAYOUT = 'organizations';
const isDirectory = (kind: string): kind is DirectoryName => Object.hasOwn(DIRECTORIES, kind);

function usage(): string {
  const kinds = Object.entries({ ...DIRECTORIES, [OWN_LAYOUT]: ORGANIZATION_FILE }).flatMap(
    ([kind, { description, row }]) => [
      `  ${kind.padEnd(14)} ${description}`,
      `  ${''.padEnd(14)} columns ${Object.keys(row.shape).join(', ')}`,
    ],
  );
  return [
    'Usage: npm run import -- KIND FILE',
    '',
    ...kinds,
    '',
    'FILE is a CSV file in UTF-8 with a header; columns that are not named here may stand beside. The directories are published',
    'by the departments of education; docs/set-up-a-system.md says how to write the file of organizations.',
  ].join('\n');
}

const rejection = ({ line, column, reason }: RejectedRow): string =>
  `line ${line}${column ? `, column ${column}` : ''}: ${reason}`;

function summary({ rows, created, changed, unchanged, studentsPlaced, rejected }: ImportReport): string {
  const rejectedRows = new Set(rejected.map(({ line }) => line)).size;
  const students = studentsPlaced > 0 ? ` Students who came under the SELPA of their LEA: ${studentsPlaced}.` : '';
  return `${rows} rows read: ${created} organizations created, ${changed} changed, ${unchanged} unchanged; ${rejectedRows} rows rejected.${students}`;
}

/** Imports one file. Exit code 0, also with rejected rows; 2 when the file can't be read or isn't of that layout. */
async function main([kind, file]: string[]): Promise<number> {
  if (!kind || !file || !(isDirectory(kind) || kind === OWN_LAYOUT)) {
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
    const onProgress: OnProgress = ({ rows, rejected }) =>
      void process.stderr.write(`\r${rows} rows read, ${rejected} faults`);
    const source = createReadStream(file);
    const report = isDirectory(kind)
      ? await importOrganizations(database, clock, kind, source, onProgress)
      : await importOrganizationFile(database, clock, source, onProgress);
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
