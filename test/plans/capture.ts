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

  private watch(source: DataSource): void {
    const create = source.createQueryRunner.bind(source);
    source.createQueryRunner = (...args) => {
      const runner = create(...args);
      if (this.watched.has(runner)) return runner;
      this.watched.add(runner);
      const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
      runner.query = ((sql: string, parameters: unknown[] = [], ...rest: unknown[]) => {
        if (/^\s*(\/\*.*?\*\/\s*)*SELECT\b/i.test(sql)) this.kept?.push({ sql, parameters });
        return query(sql, parameters, ...rest);
      }) as QueryRunner['query'];
      return runner;
    };
  }
}
