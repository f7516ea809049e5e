import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../platform/process';

/**
 * `npm run coverage:requirements [-- --results FILE]`: which requirement ids have a passing test, per system. Reads a Jest
 * result file (`jest --json --outputFile=FILE`), or runs the suite.
 */
const SYSTEMS: Record<string, { title: string; count: number; digits: number }> = {
  SEIS: { title: 'SEIS, California', count: 93, digits: 2 },
  SIRAS: { title: 'SIRAS, California', count: 147, digits: 2 },
  SER: { title: 'SER, Louisiana', count: 147, digits: 2 },
  SESIS: { title: 'SESIS, New York City', count: 22, digits: 2 },
  V: { title: 'validation rules', count: 71, digits: 3 },
  T: { title: 'due dates', count: 27, digits: 2 },
  A: { title: 'attacks', count: 63, digits: 2 },
};

interface JestResults {
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}

/** Ids in a test's name: `V-045`, and ranges such as `SER-12..14`. */
export function idsIn(name: string): string[] {
  return [...name.matchAll(/\b(SEIS|SIRAS|SER|SESIS|V|T|A)-(\d{1,3})(?:\.\.(\d{1,3}))?(?!\d)/g)].flatMap(
    ([, system, from, to]) => {
      const { count, digits } = SYSTEMS[system!]!;
      const last = Math.min(Number(to ?? from), count);
      return Array.from(
        { length: Math.max(0, last - Number(from) + 1) },
        (_, i) => `${system}-${String(Number(from) + i).padStart(digits, '0')}`,
      );
    },
  );
}

/** Ids that at least one test names, with whether all tests that name them pass. */
export function coveredIds(results: JestResults): Map<string, boolean> {
  const covered = new Map<string, boolean>();
  for (const { assertionResults } of results.testResults) {
    for (const { fullName, status } of assertionResults) {
      if (status !== 'passed' && status !== 'failed') continue;
      for (const id of idsIn(fullName)) covered.set(id, (covered.get(id) ?? true) && status === 'passed');
    }
  }
  return covered;
}

function runSuite(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'requirements-')), 'results.json');
  spawnSync('npx', ['jest', '--json', `--outputFile=${file}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  return file;
}

function report(covered: Map<string, boolean>): void {
  for (const [system, { title, count, digits }] of Object.entries(SYSTEMS)) {
    const ids = Array.from({ length: count }, (_, i) => `${system}-${String(i + 1).padStart(digits, '0')}`);
    const passing = ids.filter((id) => covered.get(id) === true);
    const failing = ids.filter((id) => covered.get(id) === false);
    const without = ids.filter((id) => !covered.has(id));
    console.log(`\n${title}: ${passing.length} of ${count} have a passing test`);
    console.log(`  passing: ${passing.join(' ') || '–'}`);
    if (failing.length > 0) console.log(`  failing: ${failing.join(' ')}`);
    console.log(`  without: ${without.join(' ') || '–'}`);
  }
}

if (require.main === module) {
  runProgram(async () => {
    const given = process.argv.indexOf('--results');
    const file = given > 0 ? process.argv[given + 1] : runSuite();
    if (!file || !existsSync(file)) throw new Error('There are no test results to read.');
    report(coveredIds(JSON.parse(readFileSync(file, 'utf8')) as JestResults));
  });
}
