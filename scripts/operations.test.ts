import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf, openManifest } from '../gateway/operations/manifest';
import { buildIfStale } from '../test/scenarios/product-process';

const ROOT = join(__dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'iep-operations-'));
const [key, out] = [join(folder, 'private.jwk'), join(folder, 'out')];
const QUERY = 'query Viewer { viewer { displayName } }\n';

function run(...args: string[]) {
  const program = join(ROOT, 'dist', 'scripts', 'operations.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: ROOT, encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(() => buildIfStale(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('A-30 npm run -s operations', () => {
  test('makes a key once, and signs what the schema knows', async () => {
    const made = run('key', key);
    const publicKey = /OPERATIONS_KEY=(\S+)/.exec(made.text)![1]!;
    expect(statSync(key).mode & 0o077).toBe(0);
    expect(run('key', key)).toMatchObject({ status: 2, text: expect.stringContaining('This file is there already.') });

    const [text, generated] = [
      file('viewer.graphql', QUERY),
      file('persisted.json', JSON.stringify({ [hashOf('{ viewer { level } }')]: '{ viewer { level } }' })),
    ];
    const signed = run('sign', '--key', key, '--out', out, text, generated);
    expect([signed.status, signed.text]).toEqual([0, expect.stringContaining(`sha256:${hashOf(QUERY)}  ${text}`)]);
    const known = await openManifest(readFileSync(out, 'utf8'), [publicKey]);
    expect([...known.values()].sort()).toEqual([QUERY, '{ viewer { level } }'].sort());
  });

  test.each([
    [
      'a field that there is not',
      () => file('bad.graphql', 'query Bad { nothing }'),
      /bad\.graphql: Cannot query field "nothing"/,
    ],
    ['no GraphQL', () => file('worse.graphql', 'query {'), /worse\.graphql: Syntax Error/],
    ['an id of another kind', () => file('sha1.json', '{"abc":"{ viewer { level } }"}'), /abc is not the SHA-256/],
    ['no JSON', () => file('none.json', 'hello'), /none\.json: is not JSON/],
    ['a file that is not there', () => join(folder, 'absent'), /absent: There is no such file\./],
  ])('signs nothing for %s', (_name, path, message) => {
    const result = run('sign', '--key', key, '--out', join(folder, 'none'), path());
    expect([result.status === 0, result.text]).toEqual([false, expect.stringMatching(message)]);
  });

  test('a key that is not there is said in words, as unusable arguments are', () => {
    const absent = join(folder, 'absent.jwk');
    const { status, text } = run('sign', '--key', absent, '--out', out, folder);
    expect([status, text.split('\n')[0]]).toEqual([2, `${absent}: There is no such file.`]);
  });

  test.each([[[]], [['sign']], [['key']], [['--wrong']]])('%j: says how it is used', (args) => {
    const { status, text } = run(...args);
    expect([status === 0, text]).toEqual([false, expect.stringContaining('operations -- sign --key FILE')]);
  });
});
