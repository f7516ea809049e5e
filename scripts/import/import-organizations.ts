import type { Readable } from 'node:stream';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { systemSession } from '../../platform/scope/session';
import { stateOrganization } from '../../subgraphs/students/organization/initial-organizations';
import {
  type NewOrganization,
  OrganizationRepository,
} from '../../subgraphs/students/organization/organization.repository';
import { DIRECTORIES, type Directory, type DirectoryEntry, type DirectoryName } from './directories';
import { readRecords } from './read-records';

/** A row that was not imported, and why. `column` is null when the row as a whole is at fault. */
export interface RejectedRow {
  line: number;
  column: string | null;
  reason: string;
}

export interface ImportReport {
  /** Rows read, the header not counted. */
  rows: number;
  created: number;
  changed: number;
  unchanged: number;
  rejected: RejectedRow[];
}

export interface ImportProgress {
  rows: number;
  rejected: number;
}

/** The file as a whole can't be imported: unreadable, or another layout. */
export class UnusableFile extends Error {}

const CHUNK = 500;

/**
 * Imports a directory of schools: new organizations are added, names and closings brought up to date, nothing removed.
 * Run again it changes nothing. Rows go in chunks of 500 per transaction, so that a live server beside it keeps writing;
 * a bad row is reported and stops no other.
 *
 * An existing LEA keeps its parent: a directory doesn't know SELPAs, and moving an LEA would move rights over students.
 * @throws UnusableFile when the file can't be read or its header lacks a column
 */
export async function importOrganizations(
  database: Database,
  clock: Clock,
  kind: DirectoryName,
  source: Readable,
  onProgress: (progress: ImportProgress) => void = () => undefined,
): Promise<ImportReport> {
  const report: ImportReport = { rows: 0, created: 0, changed: 0, unchanged: 0, rejected: [] };
  const write = async (entries: DirectoryEntry[]): Promise<void> => {
    await database
      .write(async (manager) => {
        const session = systemSession({ manager, engine: database.engine, clock, writing: true }, 'import');
        return upsert(session.get(OrganizationRepository), DIRECTORIES[kind], entries);
      })
      .then((counts) => {
        report.created += counts.created;
        report.changed += counts.changed;
        report.unchanged += counts.unchanged;
      });
    onProgress({ rows: report.rows, rejected: report.rejected.length });
  };
  let chunk: DirectoryEntry[] = [];
  for await (const entry of readEntries(DIRECTORIES[kind], source, report)) {
    chunk.push(entry);
    if (chunk.length < CHUNK) continue;
    await write(chunk);
    chunk = [];
  }
  await write(chunk);
  return report;
}

/** The valid rows of the file; the others go into the report. */
async function* readEntries(
  directory: Directory,
  source: Readable,
  report: ImportReport,
): AsyncGenerator<DirectoryEntry> {
  let header: string[] | null = null;
  const seen = new Map<string, number>();
  const reject = (line: number, column: string | null, reason: string) =>
    void report.rejected.push({ line, column, reason });
  for await (const record of readable(readRecords(source, () => header?.length ?? null))) {
    if (header === null) {
      header = headerOf(directory, record);
      continue;
    }
    report.rows++;
    if ('fault' in record) {
      reject(record.line, null, record.fault);
      continue;
    }
    if (record.fields.length !== header.length) {
      reject(record.line, null, `has ${record.fields.length} fields instead of ${header.length}`);
      continue;
    }
    const row = directory.row.safeParse(Object.fromEntries(header.map((column, i) => [column, record.fields[i]])));
    if (!row.success) {
      for (const issue of row.error.issues) reject(record.line, String(issue.path[0] ?? ''), issue.message);
      continue;
    }
    const entry = directory.entry(row.data);
    const before = seen.get(entry.organization.id);
    if (before !== undefined) {
      reject(record.line, Object.keys(directory.row.shape)[0]!, `repeats line ${before}`);
      continue;
    }
    seen.set(entry.organization.id, record.line);
    yield entry;
  }
  if (header === null) throw new UnusableFile('The file is empty.');
}

function headerOf(
  directory: Directory,
  record: { line: number } & ({ fields: string[] } | { fault: string }),
): string[] {
  const fields = 'fields' in record ? record.fields : [];
  const missing = Object.keys(directory.row.shape).filter((column) => !fields.includes(column));
  if (missing.length > 0)
    throw new UnusableFile(
      `This is not the layout "${directory.description}": the header lacks ${missing.join(', ')}.`,
    );
  const twice = fields.find((column, i) => fields.indexOf(column) !== i);
  if (twice !== undefined) throw new UnusableFile(`The header names the column ${twice} twice.`);
  return fields;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  EISDIR: 'This is a folder: name a CSV file.',
  EACCES: 'This user may not read the file.',
};

/** Tells a fault of the file from a fault of the database. */
async function* readable<T>(records: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* records;
  } catch (error) {
    const { syscall, code = '', message } = error as NodeJS.ErrnoException;
    if (syscall) throw new UnusableFile(UNREADABLE[code] ?? `The file can't be read: ${message}`);
    throw error;
  }
}

interface Counts {
  created: number;
  changed: number;
  unchanged: number;
}

/** Writes a chunk: states and LEAs first, then what the rows are about. Three reads and one insert, whatever the size. */
async function upsert(
  repository: OrganizationRepository,
  directory: Directory,
  entries: readonly DirectoryEntry[],
): Promise<Counts> {
  const counts: Counts = { created: 0, changed: 0, unchanged: 0 };
  if (entries.length === 0) return counts;
  const wanted = new Map<string, NewOrganization>([
    [stateOrganization(directory.state).id, stateOrganization(directory.state)],
  ]);
  const stated = new Set(entries.map(({ organization }) => organization.id));
  for (const { lea } of entries) wanted.set(lea.id, lea);
  for (const { organization } of entries) wanted.set(organization.id, organization);
  const known = new Map((await repository.findByIds([...wanted.keys()])).map((row) => [row.id, row]));
  const fresh = [...wanted.values()].filter(({ id }) => !known.has(id));
  await repository.insert(fresh);
  counts.created = fresh.length;
  for (const id of stated) {
    const [row, before] = [wanted.get(id)!, known.get(id)];
    if (!before) continue;
    const active = row.active ?? true;
    if (before.name === row.name && before.active === active) counts.unchanged++;
    else {
      await repository.rename(id, { name: row.name, active });
      counts.changed++;
    }
  }
  return counts;
}
