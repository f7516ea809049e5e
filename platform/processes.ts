import cluster, { type Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import { readSettings } from './config';
import { createLogger } from './log';

/** What the first process tells the others when they are to end; they leave signals to it. */
export const STOP = 'stop';

const REPLACED_AFTER_MS = 1_000;

/**
 * Runs a server in PROCESSES processes that share its port. With more than one, this one serves nothing: it starts the others,
 * puts a new one in the place of one that ends, and stops them in order. What the first can't do none is asked for: the
 * program ends with it.
 * @param onDatabase whether each of them opens the database
 */
export async function inProcesses(main: () => Promise<void>, { onDatabase }: { onDatabase: boolean }): Promise<void> {
  if (cluster.isWorker) return main();
  const { PROCESSES, DATABASE_URL, LOG_LEVEL } = readSettings();
  if (PROCESSES === 1) return main();
  if (onDatabase && DATABASE_URL.startsWith('sqlite:'))
    throw new Error('PROCESSES: an SQLite file belongs to one process. Set it to 1, or DATABASE_URL to a server.');
  const log = createLogger('processes', LOG_LEVEL);
  let stopping = false;
  let serves = false;

  const start = (): void => {
    const worker = cluster.fork();
    worker.once('listening', () => {
      // Before it had come so far it heard nothing.
      if (stopping) worker.send(STOP);
      if (serves) return;
      serves = true;
      for (let number = 1; number < PROCESSES; number++) start();
    });
    worker.once('exit', (code: number, signal: string) => void replace(worker, code, signal));
  };
  const replace = async (worker: Worker, code: number, signal: string): Promise<void> => {
    if (stopping) return endWhenAlone();
    if (!serves) process.exit(code || 1);
    log.error({ ended: worker.process.pid, code, signal }, 'a process has ended: another one is started');
    await pause(REPLACED_AFTER_MS);
    if (!stopping) start();
  };
  const endWhenAlone = (): void => {
    if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      // Without their first process the others end at once.
      if (stopping) process.exit(1);
      stopping = true;
      log.info({ signal }, 'stopping');
      for (const worker of Object.values(cluster.workers ?? {})) worker?.send(STOP);
      endWhenAlone();
    });
  start();
}
