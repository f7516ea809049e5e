import type { Database } from './database';

const LOCK = 'iep_graph_migrate';

/** Brings the schema to the newest version. One process at a time: the others wait for the lock and find nothing to do. */
export async function migrate(database: Database): Promise<string[]> {
  const source = database.schemaSource;
  const runner = source.createQueryRunner();
  try {
    if (database.engine === 'mysql') {
      const [row] = await runner.query(`SELECT GET_LOCK('${LOCK}', 120) AS got`);
      // Comparison is exact on both engines; searches use normalized columns.
      await runner.query('ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
      if (Number(row.got) !== 1) throw new Error('Another process has been migrating this database for two minutes.');
    }
    const done = await source.runMigrations({ transaction: database.engine === 'sqlite' ? 'each' : 'none' });
    return done.map((migration) => migration.name);
  } finally {
    if (database.engine === 'mysql') {
      await runner.query(`SELECT RELEASE_LOCK('${LOCK}')`);
      await runner.release();
    }
  }
}

/** Throws when the database lacks a migration of this build: servers verify the schema, they never change it. */
export async function verifySchema(database: Database): Promise<void> {
  if (await database.schemaSource.showMigrations()) {
    throw new Error('The database schema is older than this program. Run: npm run migrate');
  }
}
