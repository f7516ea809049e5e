import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mysqlAtHand, mysqlServer } from '../harness/databases';
import { buildIfStale, ProductProcess } from './product-process';

const ROOT = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'iep-graph-start-'));

/** Runs a built program to its end. */
function run(program: string, env: Record<string, string>, args: string[] = [], input = '') {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist', program), ...args], {
    cwd: folder,
    env: { PATH, HOME, PORT: '0', SEED: 'none', ...env },
    encoding: 'utf8',
    input,
    timeout: 60_000,
  });
  return { status, text: `${stdout}${stderr}`.trim(), stdout };
}
const start = (env: Record<string, string>) => {
  const { status, text } = run('scripts/start.js', env);
  return { status, text };
};

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
    for (const [file, reason] of [
      ['none.graphql', 'There is no such file.'],
      ['folder.db', 'This is a folder.'],
    ] as const) {
      const explained = run('scripts/explain/main.js', env, ['--as', 'CASE_MANAGER', file]);
      expect([explained.status, explained.text.split('\n')[0]]).toEqual([2, `${file}: ${reason}`]);
    }
  });
});

const PROGRAMS = [
  ...['start', 'migrate', 'grants', 'schema', 'explain/main', 'import/main', 'generate/main', 'token/main'],
  ...['audit-verify', 'admin-create', 'coverage-requirements', 'rebuild-facts', 'keys'],
];

describe('every program of the command line reads its options alike', () => {
  beforeAll(buildIfStale, 120_000);

  test.each(PROGRAMS)('%s', (program) => {
    const file = `scripts/${program}.js`;
    // A program that did anything before it read its options would open this.
    const env = { DATABASE_URL: 'sqlite:./letter.db' };
    const help = run(file, env, ['--help']);
    expect([help.status, help.text]).toEqual([0, expect.stringMatching(/^[A-Z][\s\S]*\n\n {2}npm (run|start)/)]);
    const refused = run(file, env, ['--nonsense']);
    expect([refused.status, refused.text]).toEqual([2, `Unknown option '--nonsense'.\n\n${help.text}`]);
  });

  test('coverage:requirements reads results that a run left', () => {
    const results = join(folder, 'results.json');
    const assertionResults = [{ fullName: 'SER-01..02 held', status: 'passed' }];
    writeFileSync(results, JSON.stringify({ testResults: [{ assertionResults }] }));
    const coverage = (file: string) => run('scripts/coverage-requirements.js', {}, ['--results', file]);
    expect(coverage(results)).toMatchObject({ status: 0, text: expect.stringContaining('  passing: SER-01 SER-02\n') });
    writeFileSync(join(folder, 'letter'), 'Dear results');
    expect(coverage('letter')).toMatchObject({ status: 1, text: expect.stringMatching(/^letter is no result/) });
    expect(run('scripts/coverage-requirements.js', {}, [results])).toMatchObject({
      status: 2,
      text: expect.stringMatching(/^Unexpected argument '\S+results\.json'\.\n\n/),
    });
    expect(coverage('none')).toMatchObject({ status: 2, text: expect.stringMatching(/^none: There is no such file/) });
  });
});

describe('a system is set up by its programs', () => {
  const HEADER = 'code,name,kind,parentCode,state';
  const env = { DATABASE_URL: `sqlite:${join(folder, 'set-up.db')}` };
  const imported = (rows: string[]) => {
    writeFileSync(join(folder, 'organizations.csv'), [HEADER, ...rows].join('\n'));
    return run('scripts/import/main.js', env, ['organizations', 'organizations.csv']);
  };
  const create = (given: Record<string, string>, input = '', more: Record<string, string> = {}) => {
    const options = { username: 'ada.admin', name: 'Ada', role: 'SELPA_ADMIN', organization: 'lodi', ...given };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    return run('scripts/admin-create.js', { ...env, ...more }, args, input);
  };
  beforeAll(buildIfStale, 120_000);

  test('migrate names what it applied, per part', () => {
    const first = run('scripts/migrate.js', env).stdout.trim().split('\n');
    expect(first.map((line) => line.split(':')[0])).toEqual([
      ...['platform', 'issuer', 'students', 'iep', 'services', 'reporting'],
      'The schema is up to date.',
    ]);
    expect(first[2]).toMatch(/^students: \d+ applied: Create_student_\d{13}, /);
    expect(run('scripts/migrate.js', env).stdout).toBe('Nothing to apply. The schema is up to date.\n');
  });

  test('import fails when every row was rejected, and not when one was good', () => {
    const [good, bad] = ['lodi,Lodi Area,SELPA,,CA', 'x,X,NOPE,,CA'];
    expect(imported([bad])).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^line 2, column kind: must be/),
    });
    expect(imported([good, bad])).toMatchObject({ status: 0, stdout: expect.stringContaining('1 rows rejected.') });
    expect(imported([good])).toMatchObject({ status: 0, stdout: expect.stringContaining('1 unchanged; 0 rows') });
  });

  test('admin:create refuses its arguments before it asks for a password', () => {
    expect(create({ role: 'KING' })).toMatchObject({
      status: 2,
      text: expect.stringMatching(/^There is no role KING/),
    });
    expect(create({ username: 'Ada' })).toMatchObject({ status: 2, text: expect.stringMatching(/^A user name looks/) });
    expect(create({ organization: 'nowhere' })).toMatchObject({
      status: 1,
      text: 'There is no organization nowhere. Load a directory first: npm run import',
    });
    expect(create({ role: 'DISTRICT_ADMIN' })).toMatchObject({
      status: 1,
      text: "DISTRICT_ADMIN can't be held at Lodi Area (SELPA), only at: LEA.",
    });
  });

  test('admin:create makes nothing without a password, and takes it from a line or from ADMIN_PASSWORD', () => {
    const none = 'No password was given: type one when asked, or set ADMIN_PASSWORD. Nothing was made.';
    expect(create({})).toMatchObject({ status: 1, text: none });
    expect(create({}, '\n')).toMatchObject({ status: 1, text: none });
    expect(create({}, 'short\n')).toMatchObject({ status: 1, text: expect.stringMatching(/at least 12 characters/) });
    const made = { status: 0, text: 'ada.admin can sign in as SELPA_ADMIN of lodi.' };
    expect(create({}, 'a line without its end')).toMatchObject(made);
    expect(create({}, '', { ADMIN_PASSWORD: 'by the environment' })).toMatchObject({
      status: 1,
      text: 'The user name ada.admin is taken.',
    });
    expect(create({ username: 'bea.admin' }, '', { ADMIN_PASSWORD: 'by the environment' })).toMatchObject({
      status: 0,
      text: 'bea.admin can sign in as SELPA_ADMIN of lodi.',
    });
  });
});

describe('one running system per embedded database', () => {
  const DATABASE_URL = `sqlite:${join(folder, 'one.db')}`;
  const data = join(ROOT, '..', 'shared', 'data');
  let product: ProductProcess;
  beforeAll(async () => {
    buildIfStale();
    product = await ProductProcess.on(DATABASE_URL);
    await product.start();
  }, 120_000);
  afterAll(() => product.stop());

  test('the programs work beside it', () => {
    const env = { DATABASE_URL, PORT: new URL(product.url).port };
    writeFileSync(join(folder, 'more.csv'), 'code,name,kind,parentCode,state\nmore,More,SELPA,,CA\n');
    const beside = (program: string, ...args: string[]) => run(`scripts/${program}.js`, env, args);
    expect(beside('token/main', 'teacher.ripon')).toMatchObject({ status: 0, text: expect.stringMatching(/^ey/) });
    expect(beside('import/main', 'organizations', 'more.csv')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^1 rows read: 1 organizations created/),
    });
    expect(beside('migrate')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Nothing to apply/) });
    expect(beside('audit-verify')).toMatchObject({ status: 0, stdout: expect.stringContaining('The log holds') });
    if (existsSync(data))
      expect(beside('generate/main', '--students', '3', '--data', data)).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^3 students added/),
      });
  });

  test('a second one is refused; after a kill the next one starts', async () => {
    const refused = {
      status: 1,
      text: `DATABASE_URL=${DATABASE_URL} is in use by another running system: stop that one, or set another DATABASE_URL.`,
    };
    expect(start({ DATABASE_URL })).toEqual(refused);
    expect(product.runs).toBe(true);
    await product.stop('SIGKILL');
    await product.start();
    expect(start({ DATABASE_URL })).toEqual(refused);
  }, 120_000);
});
