import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, UnusableArguments } from './command';

const USAGE = `Prints which requirement ids have a passing test, per system. Runs the whole suite for that, or reads what a run left.

  npm run coverage:requirements                        runs the suite (npx jest): it takes a while
  npm run coverage:requirements -- --results FILE      reads a result file of npx jest --json --outputFile=FILE`;

const SYSTEMS: Record<string, { title: string; ranges: readonly (readonly [first: number, last: number])[] }> = {
  SEIS: { title: 'SEIS, California', ranges: [[1, 93]] },
  SIRAS: { title: 'SIRAS, California', ranges: [[1, 147]] },
  SER: { title: 'SER, Louisiana', ranges: [[1, 147]] },
  SESIS: { title: 'SESIS, New York City', ranges: [[1, 22]] },
  // Domain D.1, D.2 and D.3.
  V: {
    title: 'validation rules',
    ranges: [
      [1, 71],
      [101, 155],
      [201, 218],
    ],
  },
  T: { title: 'due dates', ranges: [[1, 27]] },
  A: { title: 'attacks', ranges: [[1, 63]] },
};

/** All ids of a system, as the domain reference writes them. */
function idsOf(system: string): string[] {
  const digits = system === 'V' ? 3 : 2;
  return SYSTEMS[system]!.ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => `${system}-${String(first + i).padStart(digits, '0')}`),
  );
}

interface JestResults {
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}

/** Ids in a test's name: `V-045`, and ranges such as `SER-12..14` or `SER-12 to SER-14`. */
export function idsIn(name: string): string[] {
  return [...name.matchAll(/\b(SEIS|SIRAS|SER|SESIS|V|T|A)-(\d{1,3})(?:(?:\.\.| to \1-)(\d{1,3}))?(?!\d)/g)].flatMap(
    ([, system, from, to]) =>
      idsOf(system!).filter((id) => {
        const number = Number(id.slice(id.indexOf('-') + 1));
        return number >= Number(from) && number <= Number(to ?? from);
      }),
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
  for (const [system, { title }] of Object.entries(SYSTEMS)) {
    const ids = idsOf(system);
    const passing = ids.filter((id) => covered.get(id) === true);
    const failing = ids.filter((id) => covered.get(id) === false);
    const without = ids.filter((id) => !covered.has(id));
    console.log(`\n${title}: ${passing.length} of ${ids.length} have a passing test`);
    console.log(`  passing: ${passing.join(' ') || '–'}`);
    if (failing.length > 0) console.log(`  failing: ${failing.join(' ')}`);
    console.log(`  without: ${without.join(' ') || '–'}`);
  }
}

if (require.main === module) {
  runCommand({ usage: USAGE, options: { results: { type: 'string' } } }, async ({ values: { results } }) => {
    if (results !== undefined && !existsSync(results))
      throw new UnusableArguments(`${results}: There is no such file.`);
    const file = results ?? runSuite();
    if (!existsSync(file)) throw new Error('The suite left no results to read.');
    report(coveredIds(readResults(file)));
  });
}

function readResults(file: string): JestResults {
  try {
    const results = JSON.parse(readFileSync(file, 'utf8')) as JestResults;
    if (Array.isArray(results.testResults)) return results;
  } catch {
    // Said below.
  }
  throw new Error(`${file} is no result file of npx jest --json --outputFile=FILE.`);
}
