import { runProgram } from '../platform/process';
import { applyUsers, readPasswords } from './database-users';
import { openDatabase } from './runtime';
import { seedOnce } from './seed/seed';

/**
 * `npm run migrate`, as owner of the schema: brings it to the newest version. With DATABASE_USERS it makes the users of the
 * processes, after the tables and views that their rights are about; with SEED=demo it loads the initial data into an empty
 * database.
 */
runProgram(async () => {
  const { database, clock, settings } = await openDatabase();
  try {
    if (settings.DATABASE_USERS) await applyUsers(database, readPasswords(settings.DATABASE_USERS));
    if (settings.SEED === 'demo')
      await seedOnce(database, clock, settings, (line) => process.stderr.write(`${line}\n`));
  } finally {
    await database.close();
  }
  process.stdout.write('The schema is up to date.\n');
});
