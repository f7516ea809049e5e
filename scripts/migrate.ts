import { runCommand } from './command';
import { applyUsers, readPasswords } from './database-users';
import { migrationsByPart } from './graph';
import { openDatabase } from './runtime';
import { seedOnce } from './seed/seed';

const USAGE = `Brings the schema to the newest version, as its owner, and says what was applied.

  npm run migrate

With DATABASE_USERS it makes the users of the processes, after the tables and views that their rights are about; with SEED=demo it
loads the initial data into an empty database. Settings: .env.example`;

runCommand({ usage: USAGE }, async () => {
  const { database, clock, settings, applied } = await openDatabase();
  try {
    process.stdout.write(describe(applied));
    if (settings.DATABASE_USERS) await applyUsers(database, readPasswords(settings.DATABASE_USERS));
    if (settings.SEED === 'demo')
      await seedOnce(database, clock, settings, (line) => process.stderr.write(`${line}\n`));
  } finally {
    await database.close();
  }
  process.stdout.write('The schema is up to date.\n');
});

/** One line per part of the product that had something to apply: how many steps, and their names. */
function describe(applied: readonly string[]): string {
  const lines = Object.entries(migrationsByPart).map(([part, migrations]) => {
    const own = new Set(migrations.map((Migration) => new Migration().name));
    const names = applied.filter((name) => own.has(name));
    return names.length > 0 ? `${part}: ${names.length} applied: ${names.join(', ')}\n` : '';
  });
  return lines.join('') || 'Nothing to apply. ';
}
