import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mysqlAtHand, mysqlServer } from '../harness/databases';
import { buildIfStale } from './product-process';

const ROOT = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'iep-graph-start-'));

/** Runs a built program to its end. */
function run(program: string, env: Record<string, string>, args: string[] = []) {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist', program), ...args], {
    cwd: folder,
    env: { PATH, HOME, PORT: '0', SEED: 'none', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, text: `${stdout}${stderr}`.trim() };
}
const start = (env: Record<string, string>) => run('scripts/start.js', env);

describe('a start that can’t succeed says in one line which setting is wrong and what to do', () => {
  let taken: Server;
  beforeAll(async () => {
    buildIfStale();
    writeFileSync(join(folder, 'letter.db'), 'Dear database, '.repeat(100));
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder.db'));
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  }, 120_000);
  afterAll(() => taken.close());

  test.each([
    [
      'another kind of database',
      'postgres://me:hush@localhost/iep',
      'The environment is not usable:\n  DATABASE_URL: must begin with sqlite:, mysql:// or mariadb://',
    ],
    [
      'no name of a database',
      'mysql://me:hush@localhost',
      /^The environment is not usable:\n {2}DATABASE_URL: must be written mysql:\/\/user:password@host:3306\/name, .*$/,
    ],
    [
      'no server',
      'mysql://me:hush@127.0.0.1:9/iep',
      'DATABASE_URL=mysql://me:…@127.0.0.1:9/iep: nothing answers at 127.0.0.1:9. Start the server, or correct host and port.',
    ],
    [
      'no host',
      'mariadb://me:hush@nowhere.invalid/iep',
      'DATABASE_URL=mariadb://me:…@nowhere.invalid/iep: there is no host nowhere.invalid. Correct the host.',
    ],
    [
      'a file that is no database',
      'sqlite:letter.db',
      'DATABASE_URL=sqlite:letter.db: the file letter.db holds no SQLite database. Choose another path, or move that file away.',
    ],
    [
      'a folder',
      'sqlite:./folder.db',
      /^DATABASE_URL=sqlite:\.\/folder\.db: the file \.\/folder\.db can't be opened for writing\. Choose another path, or give .*$/,
    ],
    [
      'a file for a folder',
      'sqlite:./file/iep.db',
      /^DATABASE_URL=sqlite:\.\/file\/iep\.db: the file \.\/file\/iep\.db can't be opened for writing\. .*$/,
    ],
  ])('%s', (_, DATABASE_URL, line) => {
    const { status, text } = start({ DATABASE_URL });
    expect(text).toEqual(typeof line === 'string' ? line : expect.stringMatching(line));
    expect([status, text.includes('hush')]).toEqual([1, false]);
  });

  (mysqlAtHand ? test : test.skip)('a wrong password, and a database that is not there', () => {
    const { host } = new URL(mysqlServer);
    expect(start({ DATABASE_URL: `mysql://nobody:hu@sh@${host}/iep` })).toEqual({
      status: 1,
      text: `DATABASE_URL=mysql://nobody:…@${host}/iep: the server refuses the user nobody with this password. Correct user or password.`,
    });
    expect(start({ DATABASE_URL: `${mysqlServer}/iep_test_no_such` })).toEqual({
      status: 1,
      text: expect.stringMatching(
        /: there is no database iep_test_no_such on this server\. Create it, or correct the name\.$/,
      ),
    });
  });

  test('a port that is taken, an address of another machine', () => {
    const PORT = String((taken.address() as { port: number }).port);
    const DATABASE_URL = `sqlite:${join(folder, 'fine.db')}`;
    const line = `PORT=${PORT} is in use: stop the other program, or set another PORT.`;
    expect(start({ DATABASE_URL, PORT })).toEqual({ status: 1, text: line });
    expect(start({ DATABASE_URL, HOST: '192.0.2.1' })).toEqual({
      status: 1,
      text: 'HOST=192.0.2.1 is not an address of this machine: set HOST to 127.0.0.1 or 0.0.0.0.',
    });
  });

  test('the data that generate and import read are asked for before a database is made', () => {
    const env = { DATABASE_URL: 'sqlite:./none/iep.db' };
    const generated = run('scripts/generate/main.js', env, ['--students', '10', '--data', 'folder.db']);
    expect([generated.status, generated.text]).toEqual([
      2,
      expect.stringMatching(/^\S+folder\.db lacks 7 of the files/),
    ]);
    const imported = run('scripts/import/main.js', env, ['la-sites', 'sites.csv']);
    expect([imported.status, imported.text]).toEqual([
      2,
      expect.stringMatching(/^sites\.csv: There is no such file\.\n/),
    ]);
  });
});
