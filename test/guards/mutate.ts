/** Mutation of the guards (design/authorization.md, section 3, 6): switches each off in turn; some test must fail. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { runCommand, UnusableArguments } from '../../scripts/command';
import { type Guard, titleOf } from './guard';
import { GUARDS } from './guards';
import { type DirectiveVerdict, dropDirectives } from './drop-directives';
import { type Job, type Outcome, prove } from './prove';

const USAGE = `Drops each directive of the schema, switches each guard of test/guards/ off, and asks what must be noticed then. Takes an hour; the files stay as they are.

  npm run -s guards:mutate                        all of them; exit code 1 when one can be taken out unnoticed
  npm run -s guards:mutate -- --only PATTERN      the guards whose file or name holds the pattern
  npm run -s guards:mutate -- --directives        the directives of the schema alone
  npm run -s guards:mutate -- --list              what there is, without running anything
  npm run -s guards:mutate -- --resume FILE       keeps verdicts in the file, and goes on where it ends
  npm run -s guards:mutate -- --no-baseline       doesn't run each proof once with every guard on

The report goes to stdout as Markdown, progress to stderr. GUARDS_JEST names the command that starts Jest (npx jest), GUARDS_AT_ONCE
how many proofs it gets at a time (60).`;

/** `killed`: a test failed. `redundant`: it need not, the list says why. Everything else is a finding. */
type Verdict = 'killed' | 'redundant' | 'survived' | 'unproven' | Exclude<Outcome['verdict'], 'failed' | 'passed'>;
interface Judged {
  key: string;
  title: string;
  proof: string;
  verdict: Verdict;
  tests: string[];
  detail?: string;
}

const options = {
  only: { type: 'string' },
  directives: { type: 'boolean' },
  list: { type: 'boolean' },
  resume: { type: 'string' },
  'no-baseline': { type: 'boolean' },
} as const;

/** How many proofs one Jest runs. */
const AT_ONCE = Number(process.env.GUARDS_AT_ONCE ?? 60);

async function judgeAll(guards: readonly Guard[], resume: string | undefined, baseline: boolean): Promise<Judged[]> {
  const known = new Map(resume ? readVerdicts(resume).map((one) => [one.key, one]) : []);
  const judged: Judged[] = [];
  const keep = (one: Judged): void => {
    judged.push(one);
    if (resume && !known.has(one.key)) appendFileSync(resume, `${JSON.stringify(one)}\n`);
    process.stderr.write(`${judged.length}/${guards.length} ${one.verdict}: ${one.title}\n`);
  };
  const open: Guard[] = [];
  for (const guard of guards) {
    const one = known.get(keyOf(guard));
    if (one) keep(one);
    else if (guard.redundant) keep(judgedAs(guard, { verdict: 'redundant', tests: [], detail: guard.redundant }));
    else open.push(guard);
  }
  const sound = baseline ? await baselineOf(open) : new Map<string, Outcome>();
  const provable = open.filter((guard) => (sound.get(proofOf(guard))?.verdict ?? 'passed') === 'passed');
  for (const guard of open.filter((one) => !provable.includes(one))) {
    const { verdict, tests } = sound.get(proofOf(guard))!;
    keep(judgedAs(guard, { verdict: 'unproven', tests, detail: `with every guard on: ${verdict}` }));
  }
  await inBatches(
    provable.map((guard): Job & { off: Guard } => ({ proof: guard.proof, off: guard })),
    ({ off }, { verdict, ...found }) =>
      keep(
        judgedAs(off, {
          verdict: verdict === 'failed' ? 'killed' : verdict === 'passed' ? 'survived' : verdict,
          ...found,
        }),
      ),
  );
  return judged;
}

/** Every proof once with every guard on: a test that fails anyway proves nothing. */
async function baselineOf(guards: readonly Guard[]): Promise<Map<string, Outcome>> {
  const proofs = new Map(guards.map((guard) => [proofOf(guard), guard.proof]));
  const sound = new Map<string, Outcome>();
  await inBatches(
    [...proofs.values()].map((proof) => ({ proof })),
    ({ proof }, outcome) => {
      sound.set(proofOf({ proof }), outcome);
      process.stderr.write(`baseline ${sound.size}/${proofs.size} ${outcome.verdict}: ${proofOf({ proof })}\n`);
    },
  );
  return sound;
}

/** Jobs that another one's crash may have taken along are run once more among themselves. */
async function inBatches<J extends Job>(jobs: readonly J[], told: (job: J, outcome: Outcome) => void): Promise<void> {
  for (const engine of [undefined, 'mysql'] as const) {
    const ofEngine = jobs.filter(({ proof }) => proof[2] === engine);
    for (let from = 0; from < ofEngine.length; from += AT_ONCE) {
      const batch = ofEngine.slice(from, from + AT_ONCE);
      const lost = await runBatch(batch, told);
      const stillLost =
        lost.length < batch.length
          ? await runBatch(
              lost.map(([job]) => job),
              told,
            )
          : lost;
      for (const [job, outcome] of stillLost) told(job, outcome);
    }
  }
}

/** Returns the jobs that did not start. */
async function runBatch<J extends Job>(
  batch: readonly J[],
  told: (job: J, outcome: Outcome) => void,
): Promise<[J, Outcome][]> {
  if (batch.length === 0) return [];
  const outcomes = await prove(batch);
  const lost: [J, Outcome][] = [];
  for (const [at, job] of batch.entries()) {
    const outcome = outcomes[at]!;
    if (outcome.verdict === 'did not start') lost.push([job, outcome]);
    else told(job, outcome);
  }
  return lost;
}

const judgedAs = (guard: Guard, found: Pick<Judged, 'verdict' | 'tests' | 'detail'>): Judged => ({
  key: keyOf(guard),
  title: titleOf(guard),
  proof: proofOf(guard),
  ...found,
});

function reportOf(judged: readonly Judged[]): string {
  const by = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict);
  const findings = judged.filter(({ verdict }) => verdict !== 'killed' && verdict !== 'redundant');
  const line = ({ title, verdict, proof, tests, detail }: Judged): string =>
    `| ${[title, verdict, tests[0] ?? detail ?? proof].map((cell) => cell.replace(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |\n`;
  const table = (rows: readonly Judged[]): string =>
    `| guard | verdict | by |\n| --- | --- | --- |\n${rows.map(line).join('')}`;
  return (
    `# Guards switched off\n\n${judged.length} guards: ${by('killed').length} killed, ${by('redundant').length} redundant, ${findings.length} to look at.\n` +
    (findings.length > 0 ? `\n## To look at\n\n${table(findings)}` : '') +
    `\n## All\n\n${table(judged)}`
  );
}

function reportOfDirectives(dropped: readonly DirectiveVerdict[]): string {
  const locks = [...new Set(dropped.map(({ lock }) => lock))];
  const count = (lock: string, verdict: string): number =>
    dropped.filter((one) => one.lock === lock && one.verdict === verdict).length;
  const verdicts = ['killed', 'refused', 'redundant', 'survived'];
  const cells = (row: readonly (string | number)[]): string => `| ${row.join(' | ')} |\n`;
  const detail = dropped.map(({ lock, directive, verdict, by }) =>
    cells([lock, directive, verdict, `\`${by.replace(/\s+/g, ' ')}\``]),
  );
  return (
    `# Directives dropped\n\n${cells(['from', ...verdicts])}${cells(Array(5).fill('---'))}` +
    locks.map((lock) => cells([lock, ...verdicts.map((verdict) => count(lock, verdict))])).join('') +
    `\n${cells(['from', 'directive', 'verdict', 'by'])}${cells(Array(4).fill('---'))}${detail.join('')}\n`
  );
}

function readVerdicts(file: string): Judged[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((text) => JSON.parse(text) as Judged).filter(({ verdict }) => verdict === 'killed');
}

/** Another text, another file or another suite is another question. */
function keyOf(guard: Guard): string {
  const contents = [guard.file, guard.proof[0]].map((file) => readFileSync(join(process.cwd(), file), 'utf8'));
  return createHash('sha256')
    .update(JSON.stringify([guard, contents]))
    .digest('hex')
    .slice(0, 20);
}

const proofOf = ({ proof: [file, tests, engine] }: Pick<Guard, 'proof'>): string =>
  [file, ...(tests ? [`-t '${tests}'`] : []), ...(engine ? [`on ${engine}`] : [])].join(' ');

if (require.main === module)
  runCommand({ usage: USAGE, options }, async ({ values }) => {
    const pattern = values.only === undefined ? null : new RegExp(values.only, 'i');
    const chosen = GUARDS.filter((guard) => !pattern || pattern.test(titleOf(guard)));
    if (chosen.length === 0) throw new UnusableArguments(`No guard fits '${values.only}'.`);
    if (values.list) {
      process.stdout.write(chosen.map((guard) => `${titleOf(guard)}\n    ${proofOf(guard)}\n`).join(''));
      return 0;
    }
    const dropped = pattern ? [] : await dropDirectives();
    const judged = values.directives ? [] : await judgeAll(chosen, values.resume, !values['no-baseline']);
    process.stdout.write((pattern ? '' : reportOfDirectives(dropped)) + (values.directives ? '' : reportOf(judged)));
    const isNoticed = ({ verdict }: { verdict: string }): boolean =>
      ['killed', 'refused', 'redundant'].includes(verdict);
    return [...dropped, ...judged].every(isNoticed) ? 0 : 1;
  });
