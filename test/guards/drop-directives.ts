import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jestConfig } from './jest-config';

/** What became of one directive that was dropped from one lock. */
export interface DirectiveVerdict {
  /** The gateway, a subgraph, or the source, which makes both. */
  lock: string;
  directive: string;
  /**
   * `killed`: seen by an answer. `refused`: nothing loads without it. `redundant`: no caller can tell; why is beside it.
   * Everything else is a finding.
   */
  verdict: 'killed' | 'refused' | 'redundant' | 'survived' | 'did not start';
  by: string;
}

/** Runs `directives.mutation.ts`: one Jest, one booted product, a mutant per directive. */
export async function dropDirectives(jest = process.env.GUARDS_JEST ?? 'npx jest'): Promise<DirectiveVerdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'iep-graph-directives-'));
  try {
    const [configFile, report] = [join(folder, 'jest.config.json'), join(folder, 'directives.json')];
    const own = jestConfig({ roots: [resolve('test', 'guards')], testMatch: ['**/*.mutation.ts'] });
    writeFileSync(configFile, JSON.stringify(own));
    const [program, ...words] = jest.split(' ') as [string, ...string[]];
    const child = spawn(program, [...words, '--config', configFile, '--ci'], {
      env: { ...process.env, TEST_MYSQL_URL: 'none', GUARDS_REPORT: report },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const code = await new Promise<number | null>((done, failed) => child.once('exit', done).once('error', failed));
    const judged = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as DirectiveVerdict[]) : [];
    // A test that fails for another reason than a survivor has not looked at every directive.
    const isWhole = code === 0 || judged.some(({ verdict }) => verdict === 'survived');
    const broken = {
      lock: 'all',
      directive: 'directives.mutation.ts',
      verdict: 'did not start',
      by: `exit code ${code}`,
    } as const;
    return isWhole ? judged : [...judged, broken];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
