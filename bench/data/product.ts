/** The whole product in one process, as `npm start` runs it, on the database in DATABASE_URL. */
import { runProgram } from '../../platform/process';
import { startPopulation } from '../population';
import { answerCpu } from './measured-process';

runProgram(async () => {
  const { url, stop } = await startPopulation(process.env.DATABASE_URL!);
  // An ordinary end: a CPU profile is written then.
  process.on('SIGTERM', () => void stop().then(() => process.exit()));
  answerCpu();
  process.send!({ url });
});
