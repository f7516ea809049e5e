import { readFile } from 'node:fs/promises';
import { notUsable, type Settings } from '../../platform/config';
import { openManifest } from './manifest';
import { RegisteredOperations } from './registered-operations';

/**
 * The list of operations as `OPERATIONS`, `OPERATIONS_FILE` and `OPERATIONS_KEY` say.
 *
 * @throws Error when only registered operations are to be answered and there is no list, or its signature doesn't hold
 */
export async function openOperations(
  settings: Pick<Settings, 'NODE_ENV' | 'OPERATIONS' | 'OPERATIONS_FILE' | 'OPERATIONS_KEY'>,
): Promise<RegisteredOperations> {
  const { NODE_ENV, OPERATIONS_FILE: file, OPERATIONS_KEY: keys } = settings;
  const only = (settings.OPERATIONS ?? (NODE_ENV === 'production' ? 'registered' : 'any')) === 'registered';
  if (!file) {
    if (!only) return new RegisteredOperations(new Map(), false);
    throw notUsable([
      'OPERATIONS_FILE: is needed where only registered operations are answered, which is the default in production; npm run -s operations makes it. OPERATIONS=any answers every operation',
    ]);
  }
  if (!keys) throw notUsable(['OPERATIONS_KEY: is needed with OPERATIONS_FILE: who may sign it']);
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw notUsable([`OPERATIONS_FILE: can't be read (${error.message})`]);
  });
  return new RegisteredOperations(
    await openManifest(
      text,
      keys.split(',').map((key) => key.trim()),
    ),
    only,
  );
}
