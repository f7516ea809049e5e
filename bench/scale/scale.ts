import { performance } from 'node:perf_hooks';
import type { Database } from '../../platform/database/database';
import { runCommand, UnusableArguments } from '../../scripts/command';
import type { System } from '../../scripts/system';
import { signIn } from '../../scripts/token/obtain-token';
import { amount, chosen } from '../arguments';
import { type OpenPopulation, openPopulation, startPopulation } from '../population';
import { type Caller, type Level, password } from './callers';
import { comparePublished } from './published';
import { type Asked, questions, type Question } from './questions';

const USAGE = `What the same question costs in a small and in a large population.

  npm run bench -- scale DATABASE_URL DATABASE_URL ... [--seconds 2] [--only teacher,state]

Make each with DATABASE_URL=... npm run generate -- --population california [--until 10000]: the first students are the same
in all of them, so that teacher, school and district have the same scope. The schema is brought
up to date and accounts bench.* are added. Give MariaDB the memory
that it has in earnest (innodb_buffer_pool_size).`;

const text = { type: 'string' } as const;

interface Row {
  level: Level;
  question: string;
  students: number;
  asked: number;
  /** Milliseconds: the best and the median on the clock, and the CPU of this process, which is gateway, subgraphs and SQLite. */
  best: number;
  median: number;
  cpu: number;
  /** Of the same statement without the product around it, and of one without row scope; for what sums. */
  bare?: Times;
  unscoped?: Times;
}
type Times = Pick<Row, 'asked' | 'best' | 'median' | 'cpu'>;

const LEVELS: readonly Level[] = ['teacher', 'school', 'district', 'selpa', 'largest', 'state'];
/** How often the populations take turns at a question. */
const TURNS = 5;
const HEAD =
  'level    students  question                        best ms   median      CPU  times   beside the first database';

const options = { seconds: text, only: text } as const;
/** The name of the bench, and databases. */
const WORDS = 9;

export const scale = (): void =>
  runCommand({ usage: USAGE, options, words: WORDS }, async ({ positionals: [, ...urls], values }) => {
    if (urls.length === 0) throw new UnusableArguments('Name the databases.');
    await compare(urls, amount('seconds', values.seconds, 2), chosen(values.only, LEVELS));
  });

/** A population, open, with what each level asks of it. */
interface Population extends OpenPopulation {
  url: string;
  system: System;
}

async function compare(urls: readonly string[], seconds: number, levels: readonly Level[]): Promise<void> {
  const populations: Population[] = [];
  try {
    for (const url of urls) populations.push(await open(url));
    console.log(HEAD);
    for (const level of levels) await compareLevel(level, populations, seconds);
  } finally {
    for (const { system, owner } of populations) {
      await system.stop();
      await owner.close();
    }
  }
}

async function open(url: string): Promise<Population> {
  const opened = await openPopulation(url);
  return { url, ...opened, system: await startPopulation(url) };
}

/** Each question in all populations in turn, several times: what else the machine does meets all of them. */
async function compareLevel(level: Level, populations: readonly Population[], seconds: number): Promise<void> {
  const asked: (Population & { caller: Caller; ask: Asked; questions: Question[] })[] = [];
  for (const population of populations) {
    const caller = population.callers[level];
    if (!caller) continue;
    const ask = await asker(population.system, caller);
    asked.push({ ...population, caller, ask, questions: await questions(level, ask) });
  }
  for (const name of asked[0]?.questions.map((question) => question.name) ?? []) {
    const runs = asked.map(({ questions: all, ask, owner }) =>
      runsOf(
        all.find((one) => one.name === name)!,
        ask,
        owner,
      ),
    );
    for (let turn = 0; turn < TURNS; turn++)
      for (const run of runs) for (const one of Object.values(run)) await one.go((seconds / TURNS) * 1000);
    runs.forEach((run, i) =>
      print(
        { level, question: name, students: asked[i]!.caller.students, ...timesOf(run) },
        i > 0 ? timesOf(runs[0]!) : null,
      ),
    );
  }
  if (level === 'state')
    for (const { url, ask } of asked)
      console.log(`${url.replace(/\/\/[^@/]*@/, '//')}: ${await comparePublished(ask)}`);
}

async function asker({ url }: System, { username }: Caller): Promise<Asked> {
  const { accessToken } = await signIn({ issuer: `${url}/oidc`, username, password: password() });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` };
  return async (query, variables) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data: unknown; errors?: unknown };
    if (answer.errors) throw new Error(`${query}: ${JSON.stringify(answer.errors).slice(0, 500)}`);
    return answer.data;
  };
}

type Runs = { product: Run; bare?: Run; unscoped?: Run };

function runsOf({ query, variables, sql }: Question, ask: Asked, owner: Database): Runs {
  const product = new Run(() => ask(query, variables));
  if (!sql) return { product };
  const bare = (statement: string): Run => new Run(() => owner.read.query(statement));
  return { product, bare: bare(sql.scoped), unscoped: bare(sql.unscoped) };
}

const timesOf = ({ product, bare, unscoped }: Runs): Times & Pick<Row, 'bare' | 'unscoped'> => ({
  ...product.times,
  bare: bare?.times,
  unscoped: unscoped?.times,
});

/** Work that is repeated in several turns; the first time is not counted. */
class Run {
  private readonly taken: number[] = [];
  private cpu = 0;
  private isWarm = false;

  constructor(private readonly work: () => Promise<unknown>) {}

  async go(ms: number): Promise<void> {
    if (!this.isWarm) await this.work();
    this.isWarm = true;
    const before = process.cpuUsage();
    const begun = performance.now();
    do {
      const since = performance.now();
      await this.work();
      this.taken.push(performance.now() - since);
    } while (performance.now() - begun < ms);
    const { user, system } = process.cpuUsage(before);
    this.cpu += user + system;
  }

  get times(): Times {
    const sorted = [...this.taken].sort((a, b) => a - b);
    const asked = sorted.length;
    return { asked, best: sorted[0]!, median: sorted[asked >> 1]!, cpu: this.cpu / 1000 / asked };
  }
}

function print(row: Row, first: Times | null): void {
  const { level, question, students, best, median, cpu, asked, bare, unscoped } = row;
  const ms = (value: number): string => value.toFixed(1).padStart(8);
  const times = (value: number, than: number): string => `${(value / than).toFixed(2)} x`;
  const ratio = first
    ? `   best ${times(best, first.best)}, median ${times(median, first.median)}, CPU ${times(cpu, first.cpu)}`
    : '';
  console.log(
    `${level.padEnd(9)}${String(students).padStart(8)}  ${question.padEnd(30)}${ms(best)} ${ms(median)} ${ms(cpu)} ${String(asked).padStart(6)}${ratio}`,
  );
  for (const [name, one] of Object.entries({ 'bare SQL': bare, 'bare SQL without scope': unscoped }))
    if (one)
      console.log(
        `${''.padEnd(19)}${`  ${name}`.padEnd(30)}${ms(one.best)} ${ms(one.median)} ${ms(one.cpu)} ${String(one.asked).padStart(6)}   the product has best ${times(one.best, best)}, median ${times(one.median, median)}`,
      );
}
