import type { Settings } from '../platform/config';
import { secretInFile } from '../platform/secret-file';
import { besideDatabase } from './beside-database';

/**
 * The secret that staff numbers are hashed with: the one that is set, or one that is made at the first start and kept in a
 * file beside the embedded database, never in it. None without either: staff numbers are then refused.
 */
export function staffIdKeyOf({ STAFF_ID_KEY, DATABASE_URL }: Settings): string | undefined {
  if (STAFF_ID_KEY) return STAFF_ID_KEY;
  const file = besideDatabase(DATABASE_URL, 'staff-id.key');
  return file ? secretInFile(file) : undefined;
}
