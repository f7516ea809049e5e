import { existsSync } from 'node:fs';
import { systemClock } from '../platform/clock';
import { analyze } from '../platform/database/analyze';
import type { Database } from '../platform/database/database';
import { sqliteFile } from '../scripts/beside-database';
import { unusableFile } from '../scripts/command';
import { connectOwner, prepareDatabase } from '../scripts/runtime';
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
