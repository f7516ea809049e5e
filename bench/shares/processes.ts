import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { answersAt, freePort, stopAll, untilReady } from '../../scripts/child-processes';
import type { Question, Reading, Replay, Replayed, Switch } from './meter';

const ROOT = join(__dirname, '..', '..', '..');
const SUBGRAPHS = ['students', 'iep', 'services', 'reporting'] as const;
const PROGRAMS = {
  students: 'subgraphs/students/main.js',
  iep: 'subgraphs/iep/main.js',
  services: 'subgraphs/services/main.js',
  reporting: 'subgraphs/reporting/main.js',
  issuer: 'issuer/main.js',
  gateway: 'gateway/main.js',
} as const;
export type Name = keyof typeof PROGRAMS;
const names = Object.keys(PROGRAMS) as Name[];

export interface Options {
  /** Address of a MariaDB or MySQL server without a database; SQLite in a temporary folder when left out. */
  server?: string;
  /** A process whose CPU profile is written to the folder `profiles`. */
  profiled?: string;
  profiles?: string;
}

/** The product, each part a process of its own, on a database of the initial data that is removed afterwards. */
export class Processes {
  private readonly children = new Map<Name, ChildProcess>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'iep-bench-'));
  private readonly database = `iep_bench_${randomBytes(6).toString('hex')}`;
  private ports = {} as Record<Name, number>;

  private constructor(private readonly options: Options) {}

  static async start(options: Options): Promise<Processes> {
    const processes = new Processes(options);
    try {
      await processes.startAll();
    } catch (error) {
      await processes.stop();
      throw error;
    }
    return processes;
  }

  get gateway(): string {
    return this.at('gateway');
  }

  get issuer(): string {
    return `${this.at('issuer')}/oidc`;
  }

  /** Sets all counters of all processes to nothing. */
  async reset(): Promise<void> {
    await this.askAll({ ask: 'reset' });
  }

  read(): Promise<Record<Name, Reading>> {
    return this.askAll({ ask: 'read' }) as Promise<Record<Name, Reading>>;
  }

  async leaveOut(off: Switch[]): Promise<void> {
    await this.askAll({ ask: 'off', off });
  }

  /** Repeats the last call of a step in one process, alone. Null when there was none. */
  replay(name: Name, replay: Replay): Promise<Replayed | null> {
    return this.ask(name, { ask: 'replay', ...replay }) as Promise<Replayed | null>;
  }

  async stop(): Promise<void> {
    await stopAll(this.children.values());
    await this.onServer(`DROP DATABASE IF EXISTS ${this.database}`);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private at(name: Name): string {
    return `http://localhost:${this.ports[name]}`;
  }

  private async startAll(): Promise<void> {
    for (const name of names) this.ports[name] = await freePort();
    await this.onServer(`CREATE DATABASE ${this.database} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    const { server } = this.options;
    const DATABASE_URL = server ? `${server}/${this.database}` : `sqlite:${join(this.folder, 'iep.db')}`;
    const secret = (): string => randomBytes(24).toString('hex');
    const keys = Object.fromEntries(SUBGRAPHS.map((name) => [name, secret()]));
    const pairs = (value: (name: (typeof SUBGRAPHS)[number]) => string): string =>
      SUBGRAPHS.map((name) => `${name}=${value(name)}`).join(',');
    const common = {
      ...{ DATABASE_URL, HOST: '127.0.0.1', LOG_LEVEL: 'warn', PUBLIC_URL: this.at('gateway') },
      ...{ SERVICE_KEY: secret(), CURSOR_KEY: secret(), AUDIT_KEY: secret(), STAFF_ID_KEY: secret() },
      ...{ EMBEDDED_ISSUER: this.issuer, STUDENTS_URL: this.at('students') },
      ...{ SUBGRAPH_URLS: pairs((name) => this.at(name)), PRINCIPAL_KEYS: pairs((name) => keys[name]!) },
    };
    const { PATH, HOME } = process.env;
    const migrate = { PATH, HOME, ...common, SEED: 'demo' };
    execFileSync(process.execPath, ['dist/scripts/migrate.js'], { cwd: ROOT, env: migrate, stdio: 'pipe' });
    const env = (name: Name) => ({
      ...{ PATH, HOME, ...common, PORT: String(this.ports[name]) },
      ...(keys[name] && { PRINCIPAL_KEY: keys[name] }),
    });
    await Promise.all(names.filter((name) => name !== 'gateway').map((name) => this.run(name, env(name))));
    await this.run('gateway', env('gateway'));
  }

  private async run(name: Name, env: NodeJS.ProcessEnv): Promise<void> {
    const { profiled, profiles } = this.options;
    const profile = profiled === name ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
    const meter = join(__dirname, 'meter.js');
    const child = spawn(process.execPath, ['--enable-source-maps', ...profile, '-r', meter, `dist/${PROGRAMS[name]}`], {
      ...{ cwd: ROOT, env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.children.set(name, child);
    await untilReady(name, child, () => answersAt(`${this.at(name)}/ready`));
  }

  private async ask(name: Name, question: Question): Promise<unknown> {
    const child = this.children.get(name)!;
    const reply = once(child, 'message');
    child.send(question);
    return (await reply)[0];
  }

  private async askAll(question: Question): Promise<Record<Name, unknown>> {
    const replies = await Promise.all(names.map(async (name) => [name, await this.ask(name, question)] as const));
    return Object.fromEntries(replies) as Record<Name, unknown>;
  }

  private async onServer(sql: string): Promise<void> {
    if (!this.options.server) return;
    const connection = await createConnection(this.options.server);
    await connection.query(sql);
    await connection.end();
  }
}
