import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../platform/clock';
import { readSettings, type Settings } from '../platform/config';
import { Database, type DatabaseOptions } from '../platform/database/database';
import { migrate } from '../platform/database/migrate';
import { secretInFile } from '../platform/secret-file';
import { auditMigrations, auditProtected, auditTables } from '../platform/tables';
import { writeReportingCalendar } from '../subgraphs/reporting';
import { sqliteFile } from './beside-database';
import { allEntities, allMigrations, allProtectedTables } from './graph';

export interface OpenDatabase {
  database: Database;
  clock: Clock;
  settings: Settings;
  /** Names of the migrations that opening it applied, in their order. */
  applied: readonly string[];
}

/** The product's database with all its tables, as owner. */
export function connectOwner(
  url: string,
  replica: Pick<DatabaseOptions, 'replicaUrl' | 'log'> = {},
): Promise<Database> {
  return Database.connect({
    url,
    ...replica,
    entities: [...allEntities, ...auditTables],
    protectedTables: allProtectedTables,
    migrations: allMigrations,
  });
}

/**
 * The product's database as it stands, for programs that only read: it is neither made nor migrated.
 * @throws Error when there is none
 */
export async function connectAsItStands(url: string): Promise<Database> {
  const file = sqliteFile(url);
  if (file && !existsSync(file))
    throw new Error(`There is no database at ${file}: DATABASE_URL names the one to read.`);
  return connectOwner(url);
}

/** Where the audit log is kept: beside an SQLite file in one of its own, with its own writer; in the database otherwise. */
export const auditUrl = (url: string): string =>
  url.startsWith('sqlite:') ? `${url.replace(/\.db$/, '')}.audit.db` : url;

/** The audit log's database as it stands: its tables are neither made nor changed. */
export const openAudit = (url: string): Promise<Database> =>
  Database.connect({
    url: auditUrl(url),
    entities: auditTables,
    protectedTables: auditProtected,
    migrations: auditMigrations,
  });

export async function connectAudit(url: string): Promise<Database> {
  const audit = await openAudit(url);
  if (audit.engine === 'sqlite') await migrate(audit);
  return audit;
}

/**
 * Brings the schema to the newest version, and with it the data that every database has: the report calendar.
 * @returns the names of the migrations that were applied
 */
export async function prepareDatabase(database: Database, clock: Clock): Promise<string[]> {
  const applied = await migrate(database);
  await writeReportingCalendar(database, clock);
  return applied;
}

/** What signs the audit log's checkpoints: AUDIT_KEY, or a secret that the first start makes, in a file beside the data. */
export function auditSecret({ AUDIT_KEY, DATABASE_URL }: Pick<Settings, 'AUDIT_KEY' | 'DATABASE_URL'>): string {
  if (AUDIT_KEY) return AUDIT_KEY;
  const sqlite = auditUrl(DATABASE_URL).match(/^sqlite:(.+)\.db$/)?.[1];
  return secretInFile(sqlite ? `${sqlite}.key` : join('var', 'audit.key'));
}

/** For command-line programs: the configured database, migrated on SQLite, verified elsewhere by `npm run migrate`. */
export async function openDatabase(): Promise<OpenDatabase> {
  const settings = readSettings();
  const database = await connectOwner(settings.DATABASE_URL);
  const applied = await prepareDatabase(database, systemClock);
  return { database, clock: systemClock, settings, applied };
}
