import { createReadStream, existsSync } from 'node:fs';
import { runCommand, UnusableArguments } from '../command';
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
    'Imports organizations. Those that are known already, by state and code, are changed.',
    '',
    '  npm run import -- KIND FILE',
    '',
    'KIND is one of',
    ...kinds,
    '',
    'FILE is a CSV file in UTF-8 with a header; columns that are not named here may stand beside. The directories are published',
    'by the departments of education; docs/set-up-a-system.md says how to write the file of organizations.',
    '',
    'A row that is at fault is listed with its line and left out; the others are imported. Exit code 0 when at least one row was',
    'good, 1 when every row was rejected, 2 when the file can’t be read or has another layout.',
  ].join('\n');
}

const rejection = ({ line, column, reason }: RejectedRow): string =>
  `line ${line}${column ? `, column ${column}` : ''}: ${reason}`;

const rejectedRows = ({ rejected }: ImportReport): number => new Set(rejected.map(({ line }) => line)).size;

function summary(report: ImportReport): string {
  const { rows, created, changed, unchanged, studentsPlaced } = report;
  const students = studentsPlaced > 0 ? ` Students who came under the SELPA of their LEA: ${studentsPlaced}.` : '';
  return `${rows} rows read: ${created} organizations created, ${changed} changed, ${unchanged} unchanged; ${rejectedRows(report)} rows rejected.${students}`;
}

runCommand({ usage: usage(), words: 2 }, async ({ positionals: [kind, file] }) => {
  if (!kind || !file) throw new UnusableArguments('KIND and FILE are needed.');
  if (!isDirectory(kind) && kind !== OWN_LAYOUT) throw new UnusableArguments(`There is no kind ${kind}.`);
  // Before the database is opened, and made.
  if (!existsSync(file)) throw new UnusableArguments(`${file}: There is no such file.`);
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
    return report.rows > 0 && rejectedRows(report) === report.rows ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    console.error(`${file}: ${error.message}`);
    return 2;
  } finally {
    await database.close();
  }
});
