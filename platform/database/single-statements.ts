import { type DataSource, QueryFailedError } from 'typeorm';
import { type MysqlConnection, runOn } from './each-connection';
import type { StatementGuard } from './guard';

/**
 * Has single statements of a pool of MySQL or MariaDB, outside of any transaction, run on a connection as it is, guarded like all
 * others. TypeORM makes a query runner, its listeners and a second face of the connection for each of them: a twentieth of what a page
 * costs.
 */
export function runSingly(source: DataSource, guard: StatementGuard): void {
  const { driver } = source;
  const byRunner = source.query.bind(source) as (...args: unknown[]) => Promise<unknown>;
  source.query = (async (sql: string, parameters?: unknown[], ...[runner]: unknown[]) => {
    if (runner) return byRunner(sql, parameters, runner);
    guard.assertRunnable(sql, parameters, false);
    const connection: MysqlConnection = await driver.obtainMasterConnection();
    try {
      return await runOn(connection, sql, parameters);
    } catch (error) {
      // Made here, its stack says who asked.
      throw new QueryFailedError(sql, parameters, error as Error);
    } finally {
      connection.release();
    }
  }) as DataSource['query'];
}
