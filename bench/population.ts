import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../platform/clock';
import { readSettings } from '../platform/config';
import { analyze } from '../platform/database/analyze';
import type { Database } from '../platform/database/database';
import { createLogger } from '../platform/log';
import { sqliteFile } from '../scripts/beside-database';
import { unusableFile } from '../scripts/command';
import { connectOwner, prepareDatabase } from '../scripts/runtime';
import { startSystem, type System } from '../scripts/system';
import { UNLIMITED } from './load';
import { type Caller, type Level, makeCallers } from './scale/callers';

export interface OpenPopulation {
  owner: Database;
  callers: Partial<Record<Level, Caller>>;
}

/**
 * The population in a database, brought to the schema of now, with accounts that ask.
 * @throws UnusableArguments when there is no such file: none is made
 */
export async function openPopulation(url: string): Promise<OpenPopulation> {
  const file = sqliteFile(url);
  if (file && !existsSync(file)) throw unusableFile(file, Object.assign(new Error(), { code: 'ENOENT' }));
  const owner = await connectOwner(url);
  if ((await prepareDatabase(owner, systemClock)).length > 0) await analyze(owner);
  return { owner, callers: await makeCallers(owner) };
}

/** The whole product in one process, as `npm start` runs it, on a population. */
export const startPopulation = (url: string): Promise<System> =>
  startSystem({
    settings: readSettings({ NODE_ENV: 'test', PORT: '0', DATABASE_URL: url, ...UNLIMITED }),
    clock: systemClock,
    log: createLogger('bench', 'error'),
    root: join(__dirname, '..', '..'),
    seed: false,
    consume: false,
  });
