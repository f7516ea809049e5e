import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  type TableColumnOptions,
  TableForeignKey,
  TableIndex,
} from 'typeorm';
import { ROW_EXISTS } from '../errors';

/**
 * A small vocabulary for tables that come out the same on SQLite, MariaDB and MySQL. One DDL step per migration, because
 * MariaDB keeps a half-made table after a failure.
 */
type ColumnSpec = Omit<TableColumnOptions, 'name'>;

interface Options {
  nullable?: boolean;
  default?: string | number | boolean;
}

const spec = (
  type: string,
  extra: Partial<ColumnSpec> = {},
  { nullable = false, default: value }: Options = {},
): ColumnSpec => ({
  type,
  isNullable: nullable,
  ...(value === undefined ? {} : { default: typeof value === 'string' ? `'${value}'` : String(value) }),
  ...extra,
});

export const id = (): ColumnSpec => ({ type: 'varchar', length: '64', isPrimary: true });
export const ref = (options?: Options): ColumnSpec => spec('varchar', { length: '64' }, options);
export const string = (length: number, options?: Options): ColumnSpec =>
  spec('varchar', { length: String(length) }, options);
export const longText = (options?: Options): ColumnSpec => spec('text', {}, options);
export const int = (options?: Options): ColumnSpec => spec('integer', {}, options);
export const bool = (options?: Options): ColumnSpec => spec('boolean', {}, options);
export const day = (options?: Options): ColumnSpec => spec('date', {}, options);
export const instant = (options?: Options): ColumnSpec => spec('datetime', { precision: 3 }, options);
export const json = (options?: Options): ColumnSpec => spec('json', {}, options);
/** Twin of `EditVersionColumn`. */
export const editVersion = (): ColumnSpec => spec('integer', {}, { default: 1 });

export interface TableSpec {
  columns: Record<string, ColumnSpec>;
  /** Composite primary key; leave out when a column is `id()`. */
  primaryKey?: string[];
  /** index name → columns. Names are global in SQLite: begin them with the table's name. */
  indexes?: Record<string, string[]>;
  unique?: Record<string, string[]>;
  /** Foreign keys inside the same subgraph: name → [column, table]. */
  references?: Record<string, [column: string, table: string]>;
}

export type MigrationClass = new () => MigrationInterface;

/**
 * A migration of its own making. Names the class so that TypeORM orders it: `<Name><13-digit timestamp>`. On SQLite it is one
 * transaction; MySQL and MariaDB have none around it.
 */
export function migration(timestamp: number, name: string, up: (runner: QueryRunner) => Promise<void>): MigrationClass {
  const className = `${name}${timestamp}`;
  return class implements MigrationInterface {
    name = className;
    up(runner: QueryRunner): Promise<void> {
      return up(runner);
    }
    down(): Promise<void> {
      return Promise.reject(new Error('Migrations only go forward: restore a backup instead.'));
    }
  };
}

/** A migration that creates one table with its indexes and foreign keys. */
export function createTable(
  timestamp: number,
  table: string,
  { columns, primaryKey, indexes = {}, unique = {}, references = {} }: TableSpec,
): MigrationClass {
  return migration(timestamp, `Create_${table}_`, (runner) =>
    runner.createTable(
      new Table({
        name: table,
        columns: Object.entries(columns).map(([name, options]) => ({
          name,
          ...options,
          ...(primaryKey?.includes(name) ? { isPrimary: true } : {}),
        })),
        indices: [
          ...Object.entries(indexes).map(([name, columnNames]) => new TableIndex({ name, columnNames })),
          ...Object.entries(unique).map(([name, columnNames]) => new TableIndex({ name, columnNames, isUnique: true })),
        ],
        foreignKeys: Object.entries(references).map(
          ([name, [column, target]]) =>
            new TableForeignKey({
              name,
              columnNames: [column],
              referencedTableName: target,
              referencedColumnNames: ['id'],
              onDelete: 'RESTRICT',
              onUpdate: 'RESTRICT',
            }),
        ),
        ...(isMysql(runner) ? { engine: 'InnoDB' } : {}),
      }),
    ),
  );
}

/**
 * A migration that adds a column to a table that has landed. It must be nullable or have a default. Written out, because
 * TypeORM would copy the whole table on SQLite, past the guard and without its triggers.
 */
export function addColumn(timestamp: number, table: string, name: string, column: ColumnSpec): MigrationClass {
  const { type, length, precision, isNullable, default: value } = column;
  const size = length ?? precision;
  const sql = [
    `ALTER TABLE ${table} ADD COLUMN ${name} ${type}${size ? `(${size})` : ''}`,
    isNullable ? 'NULL' : 'NOT NULL',
    ...(value === undefined ? [] : [`DEFAULT ${String(value)}`]),
  ];
  return migration(timestamp, `Add_${table}_${name}_`, async (runner) => void (await runner.query(sql.join(' '))));
}

export const isMysql = (runner: QueryRunner): boolean => runner.dataSource.options.type !== 'better-sqlite3';

/** A migration that publishes a view (`pub_*`) of what other subgraphs may read. The SELECT must be portable SQL. */
export function createView(timestamp: number, view: string, select: string): MigrationClass {
  return migration(timestamp, `View_${view}_`, async (runner) => {
    await runner.query(`CREATE VIEW ${view} AS ${select}`);
  });
}

/** One text per engine. */
export type EngineSql = Record<'sqlite' | 'mysql', string>;

/** The same text for every engine. */
export const alike = (sql: string): EngineSql => ({ sqlite: sql, mysql: sql });

/** A migration of statements that differ by engine, such as triggers: one statement per engine. */
export function statement(timestamp: number, name: string, sql: EngineSql): MigrationClass {
  return migration(timestamp, `${name}_`, async (runner) => {
    await runner.query(isMysql(runner) ? sql.mysql : sql.sqlite);
  });
}

export type RowEvent = 'INSERT' | 'UPDATE' | 'DELETE';

/**
 * SQL of a trigger that runs statements for each row of an act; for `statement`.
 * @param when condition on `OLD` and `NEW`: for which rows; all when left out
 * @param body statements that read alike on every engine
 */
export function rowTrigger(
  name: string,
  time: 'BEFORE' | 'AFTER',
  act: RowEvent,
  table: string,
  { when, body }: { when?: string; body: readonly string[] },
): EngineSql {
  const begin = `CREATE TRIGGER ${name} ${time} ${act} ON ${table}`;
  const statements = body.map((one) => `${one};`).join(' ');
  return {
    sqlite: `${begin}${when ? ` WHEN ${when}` : ''} BEGIN ${statements} END`,
    mysql: `${begin} FOR EACH ROW BEGIN ${when ? `IF ${when} THEN ${statements} END IF;` : statements} END`,
  };
}

/**
 * SQL of a trigger by which the database itself refuses an act on a table, whoever asks; for `statement`.
 * @param condition on `OLD` and `NEW`: for which rows; all when left out
 */
export function refusingTrigger(
  name: string,
  act: RowEvent,
  table: string,
  message: string,
  condition?: EngineSql,
): EngineSql {
  const refusing = (engine: keyof EngineSql, refusal: string): string =>
    rowTrigger(name, 'BEFORE', act, table, { when: condition?.[engine], body: [refusal] })[engine];
  return {
    sqlite: refusing('sqlite', `SELECT RAISE(ABORT, '${message}')`),
    mysql: refusing('mysql', `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${message}'`),
  };
}

/** Migrations after which rows of a table can only be added: the database refuses to change or remove one. Takes two numbers. */
export function insertOnly(timestamp: number, table: string): MigrationClass[] {
  const message = `${table} is insert-only`;
  return [
    statement(timestamp, `Insert_only_${table}_1`, refusingTrigger(`${table}_no_update`, 'UPDATE', table, message)),
    statement(timestamp + 1, `Insert_only_${table}_2`, refusingTrigger(`${table}_no_delete`, 'DELETE', table, message)),
  ];
}

/**
 * A migration after which no row takes the place of another one on SQLite. REPLACE, whether INSERT or UPDATE says it,
 * removes every row whose key the written one needs, and fires no trigger of DELETE. MySQL and MariaDB do fire them, so
 * there is nothing to do there. To everybody else the refusal reads as the broken key that it is (`databaseFault`).
 *
 * @param keys the primary key and every unique one, each as its columns
 * @param which condition on the row that is there, called `kept`; every row when left out
 */
export function refuseReplacing(
  timestamp: number,
  act: 'INSERT' | 'UPDATE',
  table: string,
  keys: readonly (readonly string[])[],
  message: string,
  which?: string,
): MigrationClass {
  const sameKey = [['rowid'], ...keys].map(
    (columns) => `(${columns.map((column) => `kept.${column} = NEW.${column}`).join(' AND ')})`,
  );
  const taken = [
    `(${sameKey.join(' OR ')})`,
    ...(act === 'UPDATE' ? ['kept.rowid <> OLD.rowid'] : []),
    ...(which ? [`(${which})`] : []),
  ];
  const { sqlite } = refusingTrigger(
    `${table}_no_replacing_${act.toLowerCase()}`,
    act,
    table,
    `${message}${ROW_EXISTS}`,
    {
      sqlite: `EXISTS (SELECT 1 FROM ${table} kept WHERE ${taken.join(' AND ')})`,
      mysql: '',
    },
  );
  return migration(timestamp, `No_replacing_${act.toLowerCase()}_${table}_`, async (runner) => {
    if (!isMysql(runner)) await runner.query(sqlite);
  });
}
