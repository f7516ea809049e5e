import { runProgram } from '../platform/process';
import { openDatabase } from './runtime';
import { seedOnce } from './seed/seed';

/** `npm run migrate`: brings the schema to the newest version; with SEED=demo also loads the initial data into an empty database. */
runProgram(async () => {
  const { database, clock, settings } = await openDatabase();
  if (settings.SEED === 'demo') await seedOnce(database, clock, settings, (line) => process.stderr.write(`${line}\n`));
  await database.close();
  process.stdout.write('The schema is up to date.\n');
});
