import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { newId } from '../../platform/ids';

/** Where a MariaDB or MySQL for tests is. `TEST_MYSQL_URL=none` leaves that half out. */
export const mysqlServer = process.env.TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306';

type MakeUrl = (folder: string) => Promise<string>;

/** True when a MariaDB or MySQL answers. Asked once per process, synchronously, because Jest collects tests synchronously. */
export const mysqlAtHand: boolean = mysqlServer !== 'none' && answers();

function answers(): boolean {
  const { hostname, port } = new URL(mysqlServer);
  const script = `require('net').connect(${port || 3306}, '${hostname}').on('connect', () => process.exit(0)).on('error', () => process.exit(1)); setTimeout(() => process.exit(1), 2000)`;
  try {
    execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function freshMysql(): Promise<string> {
  const { createConnection } = await import('mysql2/promise');
  const name = `iep_test_${newId().replaceAll('-', '')}`;
  const connection = await createConnection(mysqlServer);
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  await connection.end();
  created.push(name);
  return `${mysqlServer}/${name}`;
}

const created: string[] = [];
if (typeof afterAll === 'function') {
  afterAll(async () => {
    if (created.length === 0) return;
    const { createConnection } = await import('mysql2/promise');
    const connection = await createConnection(mysqlServer);
    for (const name of created.splice(0)) await connection.query(`DROP DATABASE IF EXISTS ${name}`);
    await connection.end();
  });
}

/**
 * The engines that a suite runs on: `describe.each(databaseUrls())('… on %s', (engine, makeUrl) => …)`. `makeUrl(folder)`
 * makes a fresh, empty database. `TEST_DATABASE=sqlite|mysql` picks one; without a server the MySQL half is left out, and
 * the run says so.
 */
export function databaseUrls(): [engine: 'sqlite' | 'mysql', makeUrl: MakeUrl][] {
  const wanted = process.env.TEST_DATABASE;
  const engines: [engine: 'sqlite' | 'mysql', makeUrl: MakeUrl][] = [];
  if (wanted !== 'mysql') engines.push(['sqlite', async (folder) => `sqlite:${join(folder, 'iep.db')}`]);
  if (wanted !== 'sqlite' && mysqlAtHand) engines.push(['mysql', freshMysql]);
  return engines;
}
