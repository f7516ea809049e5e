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
import { emptyReport, type ImportReport, type OnProgress, readRows } from './read-rows';

const CHUNK = 500;
type Row = Record<string, string>;

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
  onProgress: OnProgress = () => undefined,
): Promise<ImportReport> {
  const report = emptyReport();
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
  const directory: Directory = DIRECTORIES[kind];
  const layout = { ...directory, identity: (row: Row) => directory.entry(row).organization.id };
  for await (const { row } of readRows<Row>(layout, source, report)) {
    chunk.push(directory.entry(row));
    if (chunk.length < CHUNK) continue;
    await write(chunk);
    chunk = [];
  }
  await write(chunk);
  return report;
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
      await repository.update(id, { name: row.name, active });
      counts.changed++;
    }
  }
  return counts;
}
