import { rebuildFacts } from '../subgraphs/reporting';
import { runCommand } from './command';
import { openDatabase } from './runtime';

const USAGE = `Computes the facts of every student, which reports are made from, anew from the published views.

  npm run rebuild:facts`;

runCommand({ usage: USAGE }, async () => {
  const { database, clock } = await openDatabase();
  try {
    const done = await rebuildFacts(database, clock, (count) => process.stderr.write(`\r${count} students`));
    process.stderr.write('\n');
    console.log(`The facts of ${done} students are computed anew.`);
  } finally {
    await database.close();
  }
});
