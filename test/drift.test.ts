import 'reflect-metadata';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueryRunner, Table } from 'typeorm';
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

test('migrations have numbers of their own, and a view comes after the tables that it reads', async () => {
  const number = (name: string) => Number(/\d{13}$/.exec(name)?.[0]);
  const migrations = allMigrations.map((migration) => new migration());
  migrations.sort((a, b) => number(a.name!) - number(b.name!));
  expect(new Set(migrations.map(({ name }) => number(name!))).size).toBe(migrations.length);

  const known = new Set<string>();
  const missing: string[] = [];
  const runner = {
    dataSource: { options: { type: 'better-sqlite3' } },
    createTable: async ({ name }: Table) => void known.add(name),
    query: async (sql: string) => {
      const [, view, select] = /^CREATE VIEW (\w+) AS ([\s\S]*)$/.exec(sql) ?? [];
      if (!view) return;
      for (const [, read] of select!.matchAll(/\b(?:FROM|JOIN) (\w+)/g))
        if (!known.has(read!)) missing.push(`${view} reads ${read}`);
      known.add(view);
    },
  } as unknown as QueryRunner;
  for (const migration of migrations) await migration.up(runner);
  expect(missing).toEqual([]);
  expect([...known].filter((name) => name.startsWith('pub_')).length).toBeGreaterThan(5);
});
