/** The whole product in one process, as `npm start` runs it, on the database in DATABASE_URL. */
import { join } from 'node:path';
import { systemClock } from '../../platform/clock';
import { readSettings } from '../../platform/config';
import { createLogger } from '../../platform/log';
import { runProgram } from '../../platform/process';
import { startSystem } from '../../scripts/system';
import { answerCpu } from './measured-process';

runProgram(async () => {
  const { url, stop } = await startSystem({
    settings: readSettings({
      ...{ NODE_ENV: 'test', PORT: '0', DATABASE_URL: process.env.DATABASE_URL },
      RATE_ACCOUNT: '1000000000000',
      RATE_ADDRESS: '1000000000000',
    }),
    clock: systemClock,
    log: createLogger('bench', 'error'),
    root: join(__dirname, '..', '..', '..'),
    seed: false,
    consume: false,
  });
  // An ordinary end: a CPU profile is written then.
  process.on('SIGTERM', () => void stop().then(() => process.exit()));
  answerCpu();
  process.send!({ url });
});
