import type { Database } from './database';

/**
 * Has the database look at its data again, so that it plans by what is there: after a bulk load. SQLite would otherwise go
 * by what it knew of empty tables; MariaDB and MySQL learn by themselves, but later.
 */
export async function analyze(database: Database): Promise<void> {
  const { schemaSource, engine } = database;
  if (engine === 'sqlite') {
    // So many rows of each index tell enough; all of them would take minutes.
    await schemaSource.query('PRAGMA analysis_limit = 1000');
    await schemaSource.query('ANALYZE');
    return;
  }
  const tables: { name: string }[] = await schemaSource.query(
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'",
  );
  for (const { name } of tables) await schemaSource.query(`ANALYZE TABLE \`${name}\``);
}
