import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Guard, type Proof, switchedOff } from './guard';
import { jestConfig } from './jest-config';

/** What a proof said. `tests` are those that failed. */
export interface Outcome {
  verdict: 'failed' | 'passed' | 'no such test' | 'did not start' | 'not reached';
  tests: string[];
  detail?: string;
}

/** A proof to run, with a guard off or with every guard on. */
export interface Job {
  proof: Proof;
  off?: Guard;
}

/** A test that ran, as `job-environment.cjs` leaves it. */
interface Done {
  name: string;
  errors: string[];
}

/**
 * Runs proofs side by side in one Jest: each is a suite of one line that loads the real one, with a guard of its own off
 * (`job-runner.cjs`). The checkout stays as it is.
 *
 * @param jobs of one engine
 * @param jest the command that starts Jest
 */
export async function prove(jobs: readonly Job[], jest = process.env.GUARDS_JEST ?? 'npx jest'): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'iep-graph-guards-'));
  try {
    const suites = jobs.map((job, at) => writeSuite(folder, job, at));
    writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(configFor(folder)));
    await runJest(folder, jest, jobs);
    return jobs.map(({ off }, at) => outcomeOf(suites[at]!, off !== undefined));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeSuite(folder: string, { proof: [file, tests], off }: Job, at: number): string {
  const suite = join(folder, `${String(at).padStart(3, '0')}.test.js`);
  const path = off ? resolve(off.file) : '';
  const source = off ? switchedOff(off, readFileSync(path, 'utf8')) : '';
  writeFileSync(suite, `require(${JSON.stringify(resolve(file))});\n`);
  writeFileSync(`${suite}.json`, JSON.stringify({ tests, file: path, source }));
  return suite;
}

function configFor(folder: string): object {
  const own = (name: string): string => resolve('test', 'guards', name);
  return jestConfig({
    roots: [folder],
    testMatch: ['**/*.test.js'],
    // Each suite loads the product anew, and Jest lets go of little.
    workerIdleMemoryLimit: '1GB',
    testRunner: own('job-runner.cjs'),
    testEnvironment: own('job-environment.cjs'),
  });
}

async function runJest(folder: string, jest: string, jobs: readonly Job[]): Promise<void> {
  const [program, ...words] = jest.split(' ') as [string, ...string[]];
  const engine = jobs[0]?.proof[2];
  const child = spawn(program, [...words, '--config', join(folder, 'jest.config.json'), '--ci'], {
    env: { ...process.env, ...(engine ? { TEST_DATABASE: engine } : { TEST_MYSQL_URL: 'none' }) },
    stdio: 'ignore',
  });
  await new Promise((done, failed) => child.once('exit', done).once('error', failed));
}

function outcomeOf(suite: string, isMutant: boolean): Outcome {
  const left = (kind: string): string =>
    existsSync(`${suite}.${kind}`) ? readFileSync(`${suite}.${kind}`, 'utf8') : '';
  const notStarted = (detail: string): Outcome => ({
    verdict: 'did not start',
    tests: [],
    detail: detail.slice(0, 300),
  });
  // A suite that can't be loaded, or a product that doesn't come up, says nothing about the guard.
  if (left('setup')) return notStarted(left('setup'));
  if (!left('done')) return notStarted('the suite could not be loaded, or Jest ended before it');
  const done = JSON.parse(left('done')) as Done[];
  const failed = done.filter(({ errors }) => errors.length > 0);
  // Too slow is not wrong.
  if (failed.some(({ errors }) => errors.some((one) => one.includes('Exceeded timeout of'))))
    return notStarted('a test ran out of time');
  if (isMutant && !existsSync(`${suite}.read`)) return { verdict: 'not reached', tests: [] };
  const tests = failed.map(({ name }) => name);
  if (tests.length > 0) return { verdict: 'failed', tests };
  return { verdict: done.length > 0 ? 'passed' : 'no such test', tests };
}
