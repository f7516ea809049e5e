import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from '../test/scenarios/product-process';

const ROOT = join(__dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'iep-keys-'));
const DATABASE_URL = `sqlite:${join(folder, 'iep.db')}`;

function run(...args: string[]) {
  const program = join(ROOT, 'dist', 'scripts', 'keys.js');
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, DATABASE_URL };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env,
  });
  return { status, lines: stdout.trim().split('\n'), stderr };
}

beforeAll(() => buildIfStale(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('npm run -s keys makes keys, says what each is for, and removes those that nothing depends on', () => {
  const state = (line: string) => /^(\w+) .*Z {2}([a-z ]+?)(?: {2}|$)/.exec(line)?.slice(1);
  expect(run('rotate').lines.map(state)).toEqual([
    ['signing', 'signs'],
    ['cookie', 'signs'],
  ]);
  const { lines } = run('rotate');
  expect(lines.map(state)).toEqual([
    ['signing', 'signs from'],
    ['signing', 'signs'],
    ['cookie', 'signs from'],
    ['cookie', 'signs'],
  ]);
  expect(run('list').lines).toEqual(lines);
  expect(run('retire').lines).toEqual(['There is none to remove yet.', ...lines]);
  const removed = run('retire', '--at-once').lines;
  expect(removed[0]).toMatch(/^Removed: [\w-]+, [\w-]+$/);
  expect(removed.slice(1).map(state)).toEqual([
    ['signing', 'signs'],
    ['cookie', 'signs'],
  ]);
  // No key is ever shown.
  expect(lines.join()).not.toMatch(/"d"|secret/);
});

test.each([[['renew']], [['rotate', '--at-once']]])('%j: says how it is used', (args) => {
  const { status, stderr } = run(...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining('npm run -s keys -- retire [--at-once]')]);
});
