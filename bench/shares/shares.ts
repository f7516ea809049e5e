import { cpus } from 'node:os';
import { Pool } from 'undici';
import { runCommand } from '../../scripts/command';
import { signIn } from '../../scripts/token/obtain-token';
import { amount, chosen, count, counts } from '../arguments';
import { load, type Load } from '../load';
import type { Switch } from './meter';
import { CALLER, type Operation, operationNames, operations } from './operations';
import { type Name, Processes } from './processes';
import { comparison, type Measured, stepTable, type StepCosts } from './tables';

const USAGE = `What token, Principal, field decision, signing and audit take of a request, each process on its own.

  npm run bench -- shares [--server mysql://root@127.0.0.1:3306] [--only light,heavy,single] [--concurrency 1,16]
                          [--seconds 2] [--rounds 3] [--profile PROCESS --profiles FOLDER]

  --server       MariaDB or MySQL for a database of its own, which is dropped again; SQLite in a temporary folder when left out
  --seconds      of one measurement; --rounds of them, with and without each step in turn
  --profile      writes the CPU profile of gateway, students, iep, services, reporting or issuer to a folder`;

const text = { type: 'string' } as const;
const options = {
  server: text,
  only: text,
  concurrency: text,
  seconds: text,
  rounds: text,
  profile: text,
  profiles: text,
} as const;

/** What is left out in turn, and what that shows. */
export const VARIANTS: Record<string, Switch[]> = {
  'nothing left out': [],
  'without audit': ['audit'],
  'without signing and verification': ['signing'],
  'without token verification': ['token'],
  'without field decision': ['decision'],
  'without second lock': ['lock'],
  'without all of these': ['audit', 'signing', 'token', 'decision', 'lock'],
};

/** Asynchronous steps cost CPU in other threads too: they are repeated alone to know it. Those marked `first` remember nothing. */
const REPLAYS: [step: string, process: Name, times: number][] = [
  ['token', 'gateway', 2_000],
  ['token, first', 'gateway', 300],
  ['principal', 'gateway', 2_000],
  ['principal, first', 'gateway', 300],
  ['field decision', 'gateway', 2_000],
  ['field decision, first', 'gateway', 200],
  ['signing', 'gateway', 1_000],
  ['audit record: kept', 'gateway', 300],
  ['verification', 'students', 1_000],
  ['second lock', 'students', 2_000],
  ['second lock, first', 'students', 200],
  ['disclosure: appended', 'students', 300],
  ['request record: appended', 'students', 300],
];

export const shares = (): void => runCommand({ usage: USAGE, options, words: 1 }, ({ values }) => measure(values));

async function measure(values: { [name in keyof typeof options]?: string }): Promise<void> {
  const seconds = amount('seconds', values.seconds, 2);
  const plan = {
    concurrencies: counts('concurrency', values.concurrency, [1, 16]),
    ms: seconds * 1_000,
    rounds: count('rounds', values.rounds, 3),
  };
  const wanted = chosen(values.only, operationNames);
  console.log(
    `# ${values.server ? 'MariaDB or MySQL' : 'SQLite'}, ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${plan.rounds} rounds of ${seconds} s\n`,
  );
  const { server, profile: profiled, profiles } = values;
  const processes = await Processes.start({ server, profiled, profiles });
  const pool = new Pool(processes.gateway, { connections: 64 });
  try {
    const bench = new Bench(processes, pool);
    for (const operation of operations(await bench.anyStudent()))
      if (wanted.includes(operation.name)) await bench.measure(operation, plan);
  } finally {
    await pool.close();
    await processes.stop();
  }
}

interface Plan {
  concurrencies: readonly number[];
  ms: number;
  rounds: number;
}

class Bench {
  private token = '';
  private signedInAt = 0;

  constructor(
    private readonly processes: Processes,
    private readonly pool: Pool,
  ) {}

  async anyStudent(): Promise<string> {
    const headers = await this.headers();
    const body = JSON.stringify({ query: '{ students(first: 1) { nodes { id } } }' });
    const answer = await this.pool.request({ path: '/graphql', method: 'POST', headers, body });
    const { data } = (await answer.body.json()) as { data: { students: { nodes: { id: string }[] } } };
    return data.students.nodes[0]!.id;
  }

  async measure(operation: Operation, { concurrencies, ms, rounds }: Plan): Promise<void> {
    for (const concurrency of concurrencies) {
      const measured: Record<string, Measured[]> = {};
      await this.run(operation, concurrency, [], 1_500);
      for (let round = 0; round < rounds; round++)
        for (const [variant, off] of Object.entries(VARIANTS))
          (measured[variant] ??= []).push(await this.run(operation, concurrency, off, ms));
      await this.processes.leaveOut([]);
      await this.asks(operation, 1, 50);
      const costs = await this.replay();
      const whole = measured['nothing left out']!;
      console.log(`## ${operation.name}, ${concurrency} at a time\n`);
      console.log(`${stepTable(whole, costs)}\n`);
      console.log(`${comparison(measured)}\n`);
    }
  }

  private async run(operation: Operation, concurrency: number, off: Switch[], ms: number): Promise<Measured> {
    await this.processes.leaveOut(off);
    await this.asks(operation, concurrency, 250);
    await this.processes.reset();
    const result = await this.asks(operation, concurrency, ms);
    return { load: result, readings: await this.processes.read() };
  }

  private async asks({ query, variables }: Operation, concurrency: number, ms: number): Promise<Load> {
    const question = {
      headers: await this.headers(),
      body: JSON.stringify({ query, variables }),
      isWhole: (status: number, chunks: readonly Buffer[]) =>
        status === 200 && !Buffer.concat(chunks).includes('"errors":'),
    };
    return load(this.pool, question, concurrency, ms);
  }

  private async replay(): Promise<StepCosts> {
    const costs: StepCosts = {};
    for (const [step, name, times] of REPLAYS) {
      const cost = await this.processes.replay(name, { step, times });
      if (cost) costs[step] = cost;
    }
    return costs;
  }

  /** With a token that outlasts a measurement. */
  private async headers(): Promise<Record<string, string>> {
    if (Date.now() - this.signedInAt > 300_000) {
      const signedIn = await signIn({ issuer: this.processes.issuer, username: CALLER, password: CALLER });
      [this.token, this.signedInAt] = [signedIn.accessToken, Date.now()];
    }
    return { 'content-type': 'application/json', authorization: `Bearer ${this.token}` };
  }
}
