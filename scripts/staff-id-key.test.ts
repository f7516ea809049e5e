import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../platform/config';
import { staffIdKeyOf } from './staff-id-key';

const settings = (more: Record<string, string>) => readSettings({ NODE_ENV: 'test', ...more });

test('X7 the key of staff numbers is made once, beside the embedded database and for its owner alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'staff-id-'));
  const embedded = settings({ DATABASE_URL: `sqlite:${join(folder, 'iep.db')}` });
  const key = staffIdKeyOf(embedded);
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(staffIdKeyOf(embedded)).toBe(key);
  const file = join(folder, 'iep.staff-id.key');
  expect(readFileSync(file, 'utf8').trim()).toBe(key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('X7 a key that is set counts; on a database server there is none without it', () => {
  const url = 'mysql://iep@127.0.0.1/iep';
  const own = 'a-key-of-the-installation-0123456789';
  expect(staffIdKeyOf(settings({ DATABASE_URL: url }))).toBeUndefined();
  expect(staffIdKeyOf(settings({ DATABASE_URL: url, STAFF_ID_KEY: own }))).toBe(own);
  expect(staffIdKeyOf(settings({ DATABASE_URL: 'sqlite:/nowhere/iep.db', STAFF_ID_KEY: own }))).toBe(own);
});
