import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { buildASTSchema, graphql, parse } from 'graphql';
import { runCommand } from '../../scripts/command';
import { amount, chosen, count, list } from '../arguments';
import { load, type Question } from '../load';
import { cpuOf, Fleet, pins, type Runner, SUPERGRAPH } from './fleet';
import { GATEWAYS, isInstalled } from './gateways';
import { type OperationName, operationNames, OPERATIONS } from './operations';
import { root } from './records';
import { type Measured, report } from './report';

const USAGE = `The gateway beside others over the same subgraphs, in turn: requests per second, latency, CPU and fetches per request.

  npm ci --prefix bench                                            # the other gateways, once
  npm run bench -- gateway [--only ours,by-hand] [--operations heavy,light,one] [--seconds 2] [--rounds 5]
                           [--concurrency 32] [--flags=--max-semi-space-size=64] [--profile ours --profiles FOLDER]

  --only         some of ${Object.keys(GATEWAYS).join(', ')};
                 ratios are those to the first
  --seconds      of one measurement; --rounds of them, every gateway once in each
  --concurrency  requests under way
  --flags        flags of node for every gateway alike, comma-separated
  --profile      writes the CPU profile of one of them to a folder`;

const text = { type: 'string' } as const;
const options = {
  only: text,
  operations: text,
  seconds: text,
  rounds: text,
  concurrency: text,
  flags: text,
  profile: text,
  profiles: text,
} as const;

interface Plan {
  operations: readonly OperationName[];
  ms: number;
  rounds: number;
  concurrency: number;
}

export const gateway = (): void =>
  runCommand({ usage: USAGE, options, words: 1 }, async ({ values }) => {
    const plan: Plan = {
      operations: chosen(values.operations, operationNames),
      ms: amount('seconds', values.seconds, 2) * 1_000,
      rounds: count('rounds', values.rounds, 5),
      concurrency: count('concurrency', values.concurrency, 32),
    };
    const names = chosen(values.only, Object.keys(GATEWAYS));
    const missing = names.filter((name) => !isInstalled(GATEWAYS[name]!));
    if (missing.length > 0) console.log(`Not measured, for want of \`npm ci --prefix bench\`: ${missing.join(', ')}\n`);
    if (missing.length === names.length) return 1;
    const gateways = new Map(names.filter((name) => !missing.includes(name)).map((name) => [name, GATEWAYS[name]!]));
    const flags = list(values.flags);
    console.log(
      `# ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}${pins ? ', pinned' : ', not pinned'}; ` +
        `${plan.rounds} rounds of ${plan.ms / 1_000} s, ${plan.concurrency} at a time; flags ${flags.join(' ') || 'none'}\n`,
    );
    const fleet = await Fleet.start({ gateways, flags, profiled: values.profile, profiles: values.profiles });
    try {
      for (const operation of plan.operations) console.log(await new Bench(fleet, operation, plan).run());
    } finally {
      await fleet.stop();
    }
  });

/** One operation, at every gateway in turn. */
class Bench {
  private readonly body: string;
  private readonly questions = new Map<string, Question>();
  private readonly measured = new Map<string, Measured[]>();
  /** Of gateways that are not measured (any more), by title. */
  private readonly faults: string[] = [];

  constructor(
    private readonly fleet: Fleet,
    private readonly name: OperationName,
    private readonly plan: Plan,
  ) {
    this.body = JSON.stringify({ query: OPERATIONS[name] });
  }

  async run(): Promise<string> {
    const expected = await answerOf(OPERATIONS[this.name]);
    for (const [name, runner] of this.fleet.runners)
      await this.orFault(name, async () => void this.questions.set(name, await this.check(runner, expected)));
    await this.eachInTurn((runner, question) => this.load(runner, question).then(() => undefined));
    for (let round = 0; round < this.plan.rounds; round++)
      await this.eachInTurn(async (runner, question, name) => {
        const results = this.measured.get(name) ?? [];
        this.measured.set(name, [...results, await this.measure(runner, question)]);
      });
    const whole = [...this.measured].filter(([, { length }]) => length === this.plan.rounds);
    const bytes = JSON.stringify(expected).length;
    return report({
      title: `${this.name}, ${(bytes / 1_024).toFixed(1)} KB`,
      rows: whole.map(([name, results]) => ({ title: GATEWAYS[name]!.title, results })),
      faults: this.faults,
    });
  }

  private async eachInTurn(act: (runner: Runner, question: Question, name: string) => Promise<void>): Promise<void> {
    for (const [name, question] of this.questions)
      await this.orFault(name, () => act(this.fleet.runners.get(name)!, question, name));
  }

  /** A gateway that fails is left out and told of; the others go on. */
  private async orFault(name: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.questions.delete(name);
      this.faults.push(`${GATEWAYS[name]!.title}: ${(error as Error).message}`);
    }
  }

  /** Asks once. @returns how to ask again, when the answer is the right one */
  private async check({ pool }: Runner, expected: unknown): Promise<Question> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.fleet.token}` };
    const answer = await pool.request({ path: '/graphql', method: 'POST', headers, body: this.body });
    const json = await answer.body.text();
    if (answer.statusCode !== 200 || !isDeepStrictEqual(JSON.parse(json), { data: expected }))
      throw new Error(`another answer: ${answer.statusCode} ${json.slice(0, 300)}`);
    const length = Buffer.byteLength(json);
    const isWhole = (status: number, chunks: readonly Buffer[]): boolean =>
      status === 200 && chunks.reduce((sum, chunk) => sum + chunk.length, 0) === length;
    return { headers, body: this.body, isWhole };
  }

  private load({ pool }: Runner, question: Question) {
    return load(pool, question, this.plan.concurrency, this.plan.ms);
  }

  private async measure(runner: Runner, question: Question): Promise<Measured> {
    await this.fleet.counts(runner, 'reset');
    const before = cpuOf(runner.child);
    const result = await this.load(runner, question);
    const cpu = cpuOf(runner.child) - before;
    const { fetches, signed, audits } = await this.fleet.counts(runner, 'read');
    if (runner.gateway.isProtected && (signed !== fetches || audits < result.requests))
      throw new Error(`${signed} of ${fetches} fetches signed, ${audits} of ${result.requests} requests on record`);
    return { ...result, cpu: cpu / result.requests, fetches: fetches / result.requests };
  }
}

/** What the operation has to be answered with, by graphql-js over the whole schema in one. */
async function answerOf(source: string): Promise<unknown> {
  const schema = buildASTSchema(parse(readFileSync(SUPERGRAPH, 'utf8')), { assumeValid: true, assumeValidSDL: true });
  const { data, errors } = await graphql({ schema, source, rootValue: root });
  if (errors) throw new Error(`The records of the bench do not answer its operation: ${errors[0]!.message}`);
  return JSON.parse(JSON.stringify(data));
}
