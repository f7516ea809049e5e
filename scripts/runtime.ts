import 'reflect-metadata';
import { type Clock, systemClock } from '../platform/clock';
import { readSettings, type Settings } from '../platform/config';
import { Database } from '../platform/database/database';
import { migrate } from '../platform/database/migrate';
import { writeReportingCalendar } from '../subgraphs/reporting';
import { allEntities, allMigrations, allProtectedTables, auditMigrations, auditTables } from './graph';

export interface OpenDatabase {
  database: Database;
  clock: Clock;
  settings: Settings;
}

/** The product's database with all its tables, as owner. */
export function connectOwner(url: string): Promise<Database> {
  return Database.connect({
    url,
    entities: [...allEntities, ...auditTables],
    protectedTables: allProtectedTables,
    migrations: allMigrations,
  });
}

/** Where the audit log is kept: beside an SQLite file in one of its own, with its own writer; in the database otherwise. */
export async function connectAudit(url: string): Promise<Database> {
  const audit = await Database.connect({
    url: url.startsWith('sqlite:') ? `${url.replace(/\.db$/, '')}.audit.db` : url,
    entities: auditTables,
    protectedTables: [],
    migrations: auditMigrations,
  });
  if (audit.engine === 'sqlite') await migrate(audit);
  return audit;
}

/** Brings the schema to the newest version, and with it the data that every database has: the report calendar. */
export async function prepareDatabase(database: Database, clock: Clock): Promise<void> {
  await migrate(database);
  await writeReportingCalendar(database, clock);
}

/** For command-line programs: the configured database, migrated on SQLite, verified elsewhere by `npm run migrate`. */
export async function openDatabase(): Promise<OpenDatabase> {
  const settings = readSettings();
  const database = await connectOwner(settings.DATABASE_URL);
  await prepareDatabase(database, systemClock);
  return { database, clock: systemClock, settings };
}
