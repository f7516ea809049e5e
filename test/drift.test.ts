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

describe.each(databaseUrls())('the schema on %s', (engine, makeUrl) => {
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

  (engine === 'sqlite' ? test : test.skip)(
    'what may not be removed may not be replaced either: its triggers name every unique key',
    async () => {
      const ask = (sql: string): Promise<{ name: string; sql: string }[]> => database.schemaSource.query(sql);
      const triggers = await ask("SELECT tbl_name AS name, sql FROM sqlite_master WHERE type = 'trigger'");
      const kept = triggers.filter(({ sql }) => sql.includes(' BEFORE DELETE ')).map(({ name }) => name);
      expect(kept.length).toBeGreaterThan(10);
      for (const table of kept) {
        const guards = (act: string) =>
          triggers.filter(({ name, sql }) => name === table && sql.includes(`_no_replacing_${act} `));
        const isWriteOnce = triggers.some(
          ({ name, sql }) =>
            name === table && sql.includes(' BEFORE UPDATE ') && !/ WHEN (?!OLD\.id IS NOT NULL)/.test(sql),
        );
        const [insert] = guards('insert');
        const found = [...(insert ? [insert] : []), ...(isWriteOnce ? [] : guards('update'))];
        expect([table, found.length]).toEqual([table, isWriteOnce ? 1 : 2]);
        const indexes = await ask(`SELECT name FROM pragma_index_list('${table}') WHERE "unique" = 1`);
        for (const { name: index } of indexes) {
          const columns = await ask(`SELECT name FROM pragma_index_info('${index}')`);
          const key = columns.map(({ name }) => `kept.${name} = NEW.${name}`).join(' AND ');
          for (const { sql } of found) expect(sql).toContain(`(${key})`);
        }
      }
    },
  );
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
    // Of one that fills a table: there is nothing to fill it from.
    manager: { query: async () => [] },
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
