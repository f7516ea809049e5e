import { runProgram } from '../platform/process';
import { rebuildFacts } from '../subgraphs/reporting';
import { openDatabase } from './runtime';

/** `npm run rebuild:facts`: computes the facts of every student anew from the published views. */
runProgram(async () => {
  const { database, clock } = await openDatabase();
  try {
    const done = await rebuildFacts(database, clock, (count) => process.stderr.write(`\r${count} students`));
    process.stderr.write('\n');
    console.log(`The facts of ${done} students are computed anew.`);
  } finally {
    await database.close();
  }
});
