import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  DataSource,
  type DataSourceOptions,
  type EntityManager,
  type EntityTarget,
  type ObjectLiteral,
  type QueryRunner,
} from 'typeorm';
import { databaseFault } from '../errors';
import type { Logger } from '../log';
import { connectionFault } from './connection-fault';
import { type MysqlConnection, onEachConnection, statementLimit } from './each-connection';
import { StatementGuard } from './guard';
import type { MigrationClass } from './migration';
import { SnakeNaming } from './naming';
import { Replica } from './replica';
import { runSingly } from './single-statements';
import { countWrite, WriteCount } from './write-count';

export interface DatabaseOptions {
  /** `sqlite:./var/iep.db`, `mysql://…` or `mariadb://…`. */
  url: string;
  entities: EntityTarget<ObjectLiteral>[];
  /** Tables that only scoped statements may touch. */
  protectedTables: readonly string[];
  migrations?: MigrationClass[];
  /** Shared by the connections of one process, when each of its parts has its own: a commit of one wakes the others. */
  commitListeners?: Set<() => void>;
  /** A replica of that server for the reads of queries. Not for SQLite. */
  replicaUrl?: string;
  /** Told when the replica fails. */
  log?: Logger;
}

/** Within the time that the gateway waits for an answer. */
export const STATEMENT_MS = 25_000;

export type Engine = 'sqlite' | 'mysql';

/** A statement with its positional parameters. */
export type Statement = [sql: string, parameters: unknown[]];

/**
 * One database as a process sees it. Reads never see the uncommitted rows of another request; writes are transactions.
 *
 * On SQLite every write of the process passes one queue with its own connection, and reads use a second connection that
 * cannot write (WAL). On MySQL and MariaDB both use a pool at READ COMMITTED.
 */
export class Database {
  private queue: Promise<unknown> = Promise.resolve();
  /** The manager for the reads of queries: `read`, or a replica where it is as new. */
  readonly queryReader: EntityManager;
  private readonly countsWrites: boolean;

  private constructor(
    readonly engine: Engine,
    private readonly writer: DataSource,
    private readonly reader: DataSource,
    readonly guard: StatementGuard,
    private readonly commitListeners: Set<() => void>,
    private readonly replica?: Replica,
  ) {
    this.queryReader = replica?.manager() ?? reader.manager;
    this.countsWrites = engine === 'mysql' && writer.hasMetadata(WriteCount);
  }

  /**
   * Connects. Does not create or change tables: see `migrate`.
   * @throws Error with one readable line that names DATABASE_URL when there is no such database, or no way into it
   */
  static async connect(options: DatabaseOptions): Promise<Database> {
    return Database.open(options).catch((error) => Promise.reject(connectionFault(error, options.url)));
  }

  private static async open(options: DatabaseOptions): Promise<Database> {
    const guard = new StatementGuard(options.protectedTables);
    const commitListeners = options.commitListeners ?? new Set();
    const open = async (sourceOptions: DataSourceOptions): Promise<DataSource> => {
      const source = new DataSource(sourceOptions);
      guard.attach(source);
      return source.initialize();
    };
    const common = {
      entities: options.entities as never[],
      namingStrategy: new SnakeNaming(),
      migrations: options.migrations ?? [],
      migrationsTableName: 'schema_migration',
    };
    if (options.url.startsWith('sqlite:')) {
      if (options.replicaUrl) throw new Error('DATABASE_REPLICA_URL: only MySQL and MariaDB have replicas.');
      const file = options.url.slice('sqlite:'.length).replace(/^\/\/(?=\.|\/)/, '');
      mkdirSync(dirname(file), { recursive: true });
      // SQLite itself would tell at the first write only.
      for (const path of [dirname(file), file]) if (existsSync(path)) accessSync(path, constants.W_OK);
      const sqlite = {
        ...common,
        type: 'better-sqlite3' as const,
        driver: require('libsql'),
        database: file,
        timeout: 10_000,
        statementCacheSize: 500,
      };
      const writer = await open({
        ...sqlite,
        enableWAL: true,
        prepareDatabase: (db: { pragma(text: string): void }) => db.pragma('synchronous = NORMAL'),
      });
      const reader = await open({
        ...sqlite,
        prepareDatabase: (db: { pragma(text: string): void }) => db.pragma('query_only = ON'),
      });
      return new Database('sqlite', writer, reader, guard, commitListeners);
    }
    const type = await mysqlFlavour(options.url);
    const server = (url: string) => ({
      type,
      url: url.replace(/^mariadb:/, 'mysql:'),
      charset: 'utf8mb4_bin',
      timezone: 'Z',
      dateStrings: ['DATE'],
      poolSize: 10,
      supportBigNumbers: true,
      // Every error of a statement carries a stack already; the driver would note one more per statement, in case.
      trace: false,
      isolationLevel: 'READ COMMITTED',
    });
    const source = await open({ ...common, ...server(options.url) } as DataSourceOptions);
    runSingly(source, guard);
    if (!options.replicaUrl) return new Database('mysql', source, source, guard, commitListeners);
    const copy = new DataSource({ ...server(options.replicaUrl), connectTimeout: 2_000 } as DataSourceOptions);
    guard.attach(copy);
    return new Database('mysql', source, source, guard, commitListeners, new Replica(copy, source, options.log));
  }

  /** The manager for reads outside a transaction: every statement sees the newest committed rows. */
  get read(): EntityManager {
    return this.reader.manager;
  }

  /** The data source that owns the schema; for migrations and drift tests. */
  get schemaSource(): DataSource {
    return this.writer;
  }

  /**
   * Runs one transaction at READ COMMITTED (SQLite: the single writer). A deadlock or a busy database is tried again,
   * up to three times; the work must therefore have no effect outside the transaction.
   */
  async write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const result = await againWhenBusy(() => this.transaction(work));
    for (const listener of this.commitListeners) listener();
    return result;
  }

  /**
   * Runs statements that insert and read nothing: all of them or none. For the audit log, whose commits every answer waits
   * for: a single statement is a transaction of its own, without the round trips that begin and end one; several do without
   * the one that sets how they read, and on MariaDB in a single round trip; and nobody is called back, since no event can be
   * among them.
   */
  insertAll(statements: readonly Statement[]): Promise<void> {
    if (statements.length === 1) return againWhenBusy(() => this.alone(() => this.writer.query(...statements[0]!)));
    const isBlock = this.writer.options.type === 'mariadb';
    return againWhenBusy(() =>
      this.alone(async () => {
        const runner = this.writer.createQueryRunner();
        try {
          if (isBlock) await runner.query(...asBlock(statements));
          else await inTransaction(runner, this.engine, statements);
        } catch (error) {
          // A connection that is still inside a transaction must not serve anybody else.
          await runner.query('ROLLBACK').catch(() => this.discard(runner));
          throw error;
        } finally {
          await runner.release();
        }
      }),
    );
  }

  private async discard(runner: QueryRunner): Promise<void> {
    if (this.engine === 'mysql') ((await runner.connect()) as MysqlConnection).destroy();
  }

  /**
   * Reads one state of the database, however long it takes and whatever is written meanwhile. For programs of their own: on
   * SQLite every other read of this `Database` sees that state as well.
   */
  async snapshot<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const runner = this.reader.createQueryRunner();
    if (this.engine === 'mysql') await runner.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await runner.query(this.engine === 'sqlite' ? 'BEGIN DEFERRED' : 'START TRANSACTION WITH CONSISTENT SNAPSHOT');
    try {
      return await work(runner.manager);
    } finally {
      await runner.query('ROLLBACK');
      if (this.engine === 'mysql') await runner.release();
    }
  }

  /**
   * From now on the server ends a statement that takes longer, waiting for locks included; MySQL 8 ends reads and waiting
   * only. SQLite has no server that could end one: it runs inside of this process.
   */
  limitStatements(ms: number): void {
    if (this.engine === 'sqlite') return;
    onEachConnection(this.writer, `SET SESSION ${statementLimit(this.writer, ms)}`);
  }

  /** Calls back after every commit of this process: the outbox delivers then. */
  onCommit(listener: () => void): () => void {
    this.commitListeners.add(listener);
    return () => this.commitListeners.delete(listener);
  }

  private transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.engine === 'sqlite') return this.alone(() => this.writer.transaction(work));
    return this.writer.transaction('READ COMMITTED', async (manager) => {
      const result = await work(manager);
      if (this.countsWrites) await countWrite(manager);
      return result;
    });
  }

  /** On SQLite all writes go through one connection: whatever came between would be part of somebody's transaction. */
  private alone<T>(run: () => Promise<T>): Promise<T> {
    if (this.engine === 'mysql') return run();
    const result = this.queue.then(run);
    this.queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.queue;
    await this.replica?.close();
    if (this.reader !== this.writer) await this.reader.destroy();
    // What is in the write-ahead log goes into the file: a copy of it is then a backup.
    if (this.engine === 'sqlite') await this.writer.query('PRAGMA wal_checkpoint(TRUNCATE)');
    await this.writer.destroy();
  }
}

async function inTransaction(runner: QueryRunner, engine: Engine, statements: readonly Statement[]): Promise<void> {
  await runner.query(engine === 'sqlite' ? 'BEGIN IMMEDIATE' : 'START TRANSACTION');
  for (const [sql, parameters] of statements) await runner.query(sql, parameters);
  await runner.query('COMMIT');
}

/** The same as one statement of MariaDB, in which one that fails takes the others along. */
function asBlock(statements: readonly Statement[]): Statement {
  const undo = 'DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END';
  const texts = statements.map(([sql]) => sql).join('; ');
  const parameters = statements.flatMap(([, values]) => values);
  return [`BEGIN NOT ATOMIC ${undo}; START TRANSACTION; ${texts}; COMMIT; END`, parameters];
}

/** A deadlock or a busy database is tried again, up to three times: nothing of it was kept. */
async function againWhenBusy<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= 3 || databaseFault(error) !== 'busy') throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt));
    }
  }
}

/**
 * TypeORM reports false drift when MariaDB is driven as MySQL: ask the server what it is.
 * @throws Error when the server leaves statements open: a single insert would not be kept, and a connection of the pool would
 * go on seeing the rights of its first read
 */
async function mysqlFlavour(url: string): Promise<'mysql' | 'mariadb'> {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection(url.replace(/^mariadb:/, 'mysql:'));
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version, @@autocommit AS autocommit');
    const [server] = rows as { version: string; autocommit: number }[];
    if (Number(server?.autocommit) !== 1) throw new Error('The database server must run with autocommit = 1.');
    return /mariadb/i.test(String(server?.version)) ? 'mariadb' : 'mysql';
  } finally {
    await connection.end();
  }
}
