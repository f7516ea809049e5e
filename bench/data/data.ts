import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'undici';
import { runCommand, UnusableArguments } from '../../scripts/command';
import { signIn } from '../../scripts/token/obtain-token';
import { amount, count } from '../arguments';
import { load, type Question } from '../load';
import { openPopulation } from '../population';
import { password } from '../scale/callers';
import { median, table } from '../table';
import { MeasuredProcess } from './measured-process';
import { type Operation, OPERATIONS } from './operations';

const USAGE = `The product beside a program by hand that does the same with mysql2 and node:http: the same scoped statements, nothing else.

  npm run bench -- data mysql://root@127.0.0.1:3306/DATABASE [--rounds 5] [--seconds 3] [--warm-up 20] [--concurrency 4]
                      [--recorded] [--profiles FOLDER]

The database is a population: DATABASE_URL=... npm run generate -- --population california --until 10000. It is
changed: migrated, and given accounts bench.*. A district administrator asks both in turn, and the answers must be equal.
--warm-up is what each is asked before it is measured, in seconds: V8 compiles a program of the product's size for so long.
--recorded has the program by hand keep the record of who was shown what, as the product does (MariaDB). --profiles writes a CPU profile of the product.`;

const text = { type: 'string' } as const;
const options = {
  ...{ rounds: text, seconds: text, concurrency: text, profiles: text, 'warm-up': text },
  recorded: { type: 'boolean' },
} as const;

/** One of the two that are compared. */
interface Side {
  process: MeasuredProcess;
  pool: Pool;
  question: (operation: Operation) => Question & { method: 'GET' | 'POST'; path: string };
}

interface Measured {
  /** Answers per second, milliseconds of CPU of the process and the median latency of each. */
  rate: number;
  cpu: number;
  latency: number;
}

export const data = (): void =>
  runCommand({ usage: USAGE, options, words: 2 }, async ({ positionals: [, url], values }) => {
    if (!url?.match(/^(mysql|mariadb):/)) throw new UnusableArguments('Name a database of MariaDB or MySQL.');
    const rounds = count('rounds', values.rounds, 5);
    const ms = amount('seconds', values.seconds, 3) * 1_000;
    const warmUp = amount('warm-up', values['warm-up'], 20) * 1_000;
    const concurrency = count('concurrency', values.concurrency, 4);
    const { owner, callers } = await openPopulation(url);
    const [role] = await owner.read.query(
      "SELECT organization_id AS lea FROM role_grant WHERE account_id = 'acct-bench-district'",
    );
    await owner.close();
    const env = { DATABASE_URL: url, LEA: role.lea, SUBJECT: 'acct-bench-district' };
    const profiled = values.profiles ? ['--cpu-prof', `--cpu-prof-dir=${values.profiles}`] : [];
    const product = await MeasuredProcess.start('product.js', env, [...flagsOfStart(), ...profiled]);
    const recorded = values.recorded ? { RECORDED: '1' } : {};
    const byHand = await MeasuredProcess.start('by-hand.js', { ...env, ...recorded }, flagsOfStart());
    try {
      const { accessToken } = await signIn({
        ...{ issuer: `${product.url}/oidc`, username: callers.district!.username, password: password() },
      });
      const sides = { product: productSide(product, accessToken), byHand: byHandSide(byHand) };
      await compare(sides, { rounds, ms, warmUp, concurrency });
    } finally {
      await Promise.all([product.stop(), byHand.stop()]);
    }
  });

/** Of node, as `npm start` gives them: both sides get the same. */
function flagsOfStart(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8'));
  return (scripts.start as string).match(/--\S+/g) ?? [];
}

const whole = (status: number, chunks: readonly Buffer[]): boolean =>
  status === 200 && !Buffer.concat(chunks).includes('"errors"');

const productSide = (process: MeasuredProcess, token: string): Side => ({
  process,
  pool: new Pool(process.url, { connections: 64 }),
  question: ({ query }) => ({
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
    ...{ method: 'POST', path: '/graphql', isWhole: whole },
  }),
});

const byHandSide = (process: MeasuredProcess): Side => ({
  process,
  pool: new Pool(process.url, { connections: 64 }),
  question: ({ path }) => ({ headers: {}, body: '', method: 'GET', path, isWhole: whole }),
});

interface Plan {
  rounds: number;
  /** Milliseconds of one measurement, and before the first one. */
  ms: number;
  warmUp: number;
  concurrency: number;
}

async function compare(sides: Record<'product' | 'byHand', Side>, { rounds, ms, warmUp, concurrency }: Plan) {
  const lines: (string | number)[][] = [];
  for (const operation of OPERATIONS) {
    const answers = await Promise.all(Object.values(sides).map((side) => answerOf(side, operation)));
    if (!isDeepStrictEqual(answers[0], answers[1])) throw new Error(`${operation.name}: the answers differ.`);
    const measured: Record<'product' | 'byHand', Measured[]> = { product: [], byHand: [] };
    for (const side of Object.values(sides)) await measure(side, operation, concurrency, warmUp);
    for (let round = 0; round < rounds; round++)
      for (const name of round % 2 ? (['product', 'byHand'] as const) : (['byHand', 'product'] as const))
        measured[name].push(await measure(sides[name], operation, concurrency, ms));
    const of = (name: keyof typeof measured, key: keyof Measured): number =>
      median(measured[name].map((one) => one[key]));
    const ratio = median(measured.product.map(({ rate }, i) => rate / measured.byHand[i]!.rate));
    const pair = (key: keyof Measured): string => `${of('product', key).toFixed(1)} / ${of('byHand', key).toFixed(1)}`;
    lines.push([operation.name, pair('rate'), `${ratio.toFixed(2)} x`, operation.target, pair('cpu'), pair('latency')]);
  }
  const head = ['product / by hand', 'answers per s', 'throughput', 'target', 'CPU ms each', 'median ms'];
  console.log(
    `\n${concurrency} at a time, ${rounds} rounds of ${ms / 1_000} s each, in turn, after ${warmUp / 1_000} s\n\n${table(head, lines)}`,
  );
  await Promise.all(Object.values(sides).map(({ pool }) => pool.close()));
}

async function answerOf({ pool, question }: Side, operation: Operation): Promise<unknown> {
  const { path, method, headers, body } = question(operation);
  const answer = await pool.request({ path, method, headers, body: body || undefined });
  return ((await answer.body.json()) as { data: unknown }).data;
}

async function measure(
  { process, pool, question }: Side,
  operation: Operation,
  concurrency: number,
  ms: number,
): Promise<Measured> {
  const before = await process.cpu();
  const { requests, elapsed, median: latency } = await load(pool, question(operation), concurrency, ms);
  const cpu = (await process.cpu()) - before;
  return { rate: (requests / elapsed) * 1_000, cpu: cpu / 1_000 / requests, latency };
}
