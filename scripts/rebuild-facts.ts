import { relistAll } from '../platform/scope/student-listing';
import { rebuildFacts } from '../subgraphs/reporting';
import { runCommand } from './command';
import { openDatabase } from './runtime';

const USAGE = `Computes the facts of every student, which reports are made from, anew from the published views, and the order in which
students are listed anew from rights, names and due dates.

  npm run rebuild:facts`;

runCommand({ usage: USAGE }, async () => {
  const { database, clock } = await openDatabase();
  try {
    const done = await rebuildFacts(database, clock, (count) => process.stderr.write(`\r${count} students`));
    process.stderr.write('\n');
    const listed = await relistAll(database);
    console.log(`The facts of ${done} students are computed anew, and ${listed} are listed anew.`);
  } finally {
    await database.close();
  }
});
