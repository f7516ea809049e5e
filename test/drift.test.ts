import 'reflect-metadata';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../platform/database/database';
import { migrate, verifySchema } from '../platform/database/migrate';
import { allMigrations, allProtectedTables } from '../scripts/graph';
import { connectOwner } from '../scripts/runtime';
import { databaseUrls } from './harness/databases';

describe.each(databaseUrls())('the schema on %s', (_engine, makeUrl) => {
  let database: Database;
  beforeAll(async () => {
    database = await connectOwner(await makeUrl(mkdtempSync(join(tmpdir(), 'drift-'))));
    await migrate(database);
  });
  afterAll(() => database?.close());

  test('migrations and entities describe the same tables', async () => {
    const log = await database.schemaSource.driver.createSchemaBuilder().log();
    expect(log.upQueries.map(({ query }) => query)).toEqual([]);
  });

  test('a second run has nothing to do, and a server accepts the schema', async () => {
    expect(await migrate(database)).toEqual([]);
    await expect(verifySchema(database)).resolves.toBeUndefined();
  });

  test('every table with a column student_id is protected', async () => {
    // Order of events, locks and the outbox carry ids of students and nothing else of theirs.
    const ownWork = ['student_lock', 'outbox_event', 'outbox_delivery'];
    const tables = database.schemaSource.entityMetadatas
      .filter((entity) => entity.columns.some((column) => column.databaseName === 'student_id'))
      .map((entity) => entity.tableName);
    expect(tables.filter((table) => !allProtectedTables.includes(table) && !ownWork.includes(table))).toEqual([]);
    expect(allProtectedTables).toContain('student');
  });
});

/** The first history, in which all tables come before all views. Later ones bring a table and its view together. */
const FIRST_HISTORY = 1_765_000_000_000;

test('migrations have numbers of their own, tables before views', () => {
  const names = allMigrations.map((migration) => new migration().name ?? '');
  const number = (name: string) => Number(/\d{13}$/.exec(name)?.[0]);
  expect(new Set(names.map(number)).size).toBe(names.length);
  const first = (kind: string) =>
    names
      .filter((name) => name.startsWith(kind))
      .map(number)
      .filter((each) => each < FIRST_HISTORY);
  const tables = first('Create_');
  const views = first('View_');
  expect(Math.max(...tables)).toBeLessThan(Math.min(...views));
});
