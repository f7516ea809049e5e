import type { DataSource } from 'typeorm';

/** A connection of a pool to MySQL or MariaDB, as far as it is used here. */
export interface MysqlConnection {
  query(sql: string, values: unknown[], done: (error: Error | null, rows: unknown) => void): void;
  release(): void;
  destroy(): void;
}

/** What a statement answers on this connection. */
export const runOn = (connection: MysqlConnection, sql: string, values: unknown[] = []): Promise<unknown> =>
  new Promise((resolve, reject) =>
    connection.query(sql, values, (error, rows) => (error ? reject(error) : resolve(rows))),
  );

/** Has every connection of the pool run a statement before anybody else gets it. */
export function onEachConnection({ driver }: DataSource, sql: string): void {
  const prepared = new WeakSet<MysqlConnection>();
  const obtain = driver.obtainMasterConnection.bind(driver) as () => Promise<MysqlConnection>;
  driver.obtainMasterConnection = async () => {
    const connection = await obtain();
    if (!prepared.has(connection))
      await runOn(connection, sql).catch((error) => {
        connection.destroy();
        throw error;
      });
    prepared.add(connection);
    return connection;
  };
}

/** Sets how long the server lets a statement take. MySQL 8 ends reads and waiting for locks only. */
export function statementLimit({ options }: DataSource, ms: number): string {
  const seconds = ms / 1_000;
  return options.type === 'mariadb'
    ? `max_statement_time = ${seconds}`
    : `max_execution_time = ${ms}, innodb_lock_wait_timeout = ${Math.ceil(seconds)}`;
}
