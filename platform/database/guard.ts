import type { DataSource, QueryRunner } from 'typeorm';
import { LRUCache } from 'lru-cache';

/**
 * The driver guard (architecture, section 4): a statement that touches a protected table or a published view must carry
 * the marker of the scope under which it was built. It holds the door behind the repositories.
 */
const MARKER = /\/\*\s*scope:[a-z][\w:-]*\s*\*\//;
const TEXT_LITERAL = /'(?:[^']|'')*'/g;
const DATA_STATEMENT = /^\s*(?:\/\*[^*]*\*\/\s*)*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|BEGIN)\b/i;

/** The comment that a scoped statement carries, for `queryBuilder.comment()`. */
export const scopeMarker = (scope: string): string => `scope:${scope}`;
/** The same for hand-written SQL. */
export const scopeComment = (scope: string): string => `/* ${scopeMarker(scope)} */ `;

/** Characters of a statement whose verdict is worth its memory. */
const MAX_REMEMBERED = 10_000;

export type StatementListener = (sql: string, parameters: unknown[]) => void;

export class StatementGuard {
  private readonly protectedName: RegExp;
  private readonly verdicts = new LRUCache<string, true>({ max: 5_000 });
  private readonly listeners = new Set<StatementListener>();

  constructor(protectedTables: readonly string[]) {
    const names = [...protectedTables, 'pub_\\w+'].join('|');
    // TypeORM asks for its migrations by the name of the database, which may be that of a table: `iep`.`schema_migration`.
    const isDatabase = '`\\.`schema_migration`';
    this.protectedName = new RegExp(`(?<![\\w.])[\`"]?(?:${names})(?!${isDatabase})[\`"]?(?!\\w)`, 'i');
  }

  /** Calls back for every statement of this process; returns the way to stop. For tests and the statement count. */
  listen(listener: StatementListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Throws when the statement reads or writes a protected table without a scope marker. */
  check(sql: string, parameters: unknown[] = []): void {
    for (const listener of this.listeners) listener(sql, parameters);
    if (this.verdicts.has(sql)) return;
    if (DATA_STATEMENT.test(sql) && this.protectedName.test(sql.replace(TEXT_LITERAL, "''")) && !MARKER.test(sql)) {
      throw new Error(`Statement on a protected table without a scope marker: ${sql.slice(0, 120)}`);
    }
    // A long one is one commit's own: it never comes again.
    if (sql.length < MAX_REMEMBERED) this.verdicts.set(sql, true);
  }

  /** Throws for a statement that must not be run, or whose parameters are no values. */
  assertRunnable(sql: string, parameters: unknown[] | undefined, isSqlite: boolean): void {
    this.check(sql, parameters);
    assertBindable(parameters, isSqlite);
  }

  /** Puts the guard in front of every query runner of a data source. */
  attach(dataSource: DataSource): void {
    const original = dataSource.createQueryRunner.bind(dataSource);
    dataSource.createQueryRunner = (...args) => this.wrap(original(...args));
  }

  private readonly wrapped = new WeakSet<QueryRunner>();
  private wrap(runner: QueryRunner): QueryRunner {
    if (this.wrapped.has(runner)) return runner;
    this.wrapped.add(runner);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    const isSqlite = runner.dataSource.options.type === 'better-sqlite3';
    // Not assigned as it is written: ADR 24.
    const guarded = async (sql: string, parameters?: unknown[], ...rest: unknown[]): Promise<unknown> => {
      this.assertRunnable(sql, parameters, isSqlite);
      // A deferred transaction that reads first and writes later fails with SQLITE_BUSY beside another process.
      return query(isSqlite && sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql, parameters, ...rest);
    };
    runner.query = guarded as QueryRunner['query'];
    return runner;
  }
}

/**
 * Refuses parameters that are no values. MySQL's driver would write an object into the text of the statement, and the
 * embedded database ends the whole process on an object or a boolean.
 */
function assertBindable(parameters: unknown, isSqlite: boolean): void {
  if (!Array.isArray(parameters)) return;
  for (const value of parameters) {
    const isObject =
      typeof value === 'object' && value !== null && !(value instanceof Date) && !ArrayBuffer.isView(value);
    if (
      isObject ||
      typeof value === 'function' ||
      typeof value === 'symbol' ||
      (isSqlite && typeof value === 'boolean')
    )
      throw new Error(`A ${Array.isArray(value) ? 'list' : typeof value} can't be a parameter of a statement.`);
  }
}
