import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Settings } from '../platform/config';

/**
 * The secret that staff numbers are hashed with: the one that is set, or one that is made at the first start and kept in a
 * file beside the embedded database, never in it. None without either: staff numbers are then refused.
 */
export function staffIdKeyOf({ STAFF_ID_KEY, DATABASE_URL }: Settings): string | undefined {
  if (STAFF_ID_KEY || !DATABASE_URL.startsWith('sqlite:')) return STAFF_ID_KEY;
  const database = DATABASE_URL.slice('sqlite:'.length).replace(/^\/\/(?=\.|\/)/, '');
  const file = `${database.replace(/\.db$/, '')}.staff-id.key`;
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
