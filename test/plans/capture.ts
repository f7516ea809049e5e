import type { DataSource, QueryRunner } from 'typeorm';
import type { Database } from '../../platform/database/database';

/** A statement as the database got it. */
export interface Captured {
  sql: string;
  parameters: unknown[];
}

/** Keeps every SELECT on these databases with its parameters while `work` runs. */
export class Capture {
  private kept: Captured[] | null = null;
  private readonly watched = new WeakSet<QueryRunner>();

  constructor(databases: readonly Database[]) {
    for (const source of new Set(databases.flatMap(({ read, schemaSource }) => [read.dataSource, schemaSource])))
      this.watch(source);
  }

  async during(work: () => Promise<unknown>): Promise<Captured[]> {
    const kept: Captured[] = (this.kept = []);
    try {
      await work();
    } finally {
      this.kept = null;
    }
    return kept;
  }

  private keep(sql: string, parameters: unknown[]): void {
    if (/^\s*(\/\*.*?\*\/\s*)*SELECT\b/i.test(sql)) this.kept?.push({ sql, parameters });
  }

  private watch(source: DataSource): void {
    if (source.options.type !== 'better-sqlite3') this.watchSingle(source);
    const create = source.createQueryRunner.bind(source);
    source.createQueryRunner = (...args) => {
      const runner = create(...args);
      if (this.watched.has(runner)) return runner;
      this.watched.add(runner);
      const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
      runner.query = ((sql: string, parameters: unknown[] = [], ...rest: unknown[]) => {
        this.keep(sql, parameters);
        return query(sql, parameters, ...rest);
      }) as QueryRunner['query'];
      return runner;
    };
  }

  /** Single statements go to the pool without a runner. */
  private watchSingle(source: DataSource): void {
    const query = source.query.bind(source) as (...args: unknown[]) => Promise<unknown>;
    source.query = ((sql: string, parameters: unknown[] = [], runner?: QueryRunner) => {
      if (!runner) this.keep(sql, parameters);
      return query(sql, parameters, runner);
    }) as DataSource['query'];
  }
}
