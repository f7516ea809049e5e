import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Database } from '../../platform/database/database';
import { type ProcessName, processNames } from '../../scripts/database-users';
import { answersAt, freePort, stopAll, untilReady } from '../../scripts/child-processes';
import { connectOwner } from '../../scripts/runtime';
import { clientCredentials, signIn } from '../../scripts/token/obtain-token';
import { DatabaseUsers } from '../harness/database-users';
import type { GraphqlAnswer } from '../harness/system';
import type { Door } from './case-work';
import { postGraphql } from './product-process';

const ROOT = join(__dirname, '..', '..');

interface Service {
  command: string[];
  environment: Record<string, string>;
}
type Environments = Record<string, Record<string, string>>;
type Program = ProcessName | 'gateway';

export interface Composition {
  /** How many processes run a program: one unless said otherwise. Gateways take their subgraphs in turn. */
  copies?: Partial<Record<Program, number>>;
  /** How many processes each copy has (PROCESSES). */
  processes?: number;
  /** A file that every process loads before the product, and what it is told. Asked once the database is migrated. */
  preload?: (owner: Database) => Promise<{ file: string; env: Record<string, string> }>;
}

const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};

/** The environments of docker-compose.yml with its defaults, every address on a free port of this machine. */
async function environmentsHere(): Promise<Environments> {
  const ports = new Map<string, number>();
  for (const { environment } of Object.values(services))
    if (environment?.PORT) ports.set(String(environment.PORT), await freePort());
  const here = (value: string): string =>
    value
      .replace(/\$\{\w+:-([^}]*)\}/g, '$1')
      .replace(/http:\/\/\w+:(\d+)/g, (_, port: string) => `http://localhost:${ports.get(port)}`);
  return Object.fromEntries(
    Object.entries(services).map(([name, { environment }]) => {
      const values = Object.entries(environment).map(([key, value]) => [key, here(String(value))]);
      const port = String(ports.get(String(environment.PORT)) ?? 0);
      return [name, { ...Object.fromEntries(values), PORT: port, HOST: '127.0.0.1', LOG_LEVEL: 'warn' }];
    }),
  );
}

/**
 * The product as docker-compose.yml runs it, on this machine: every process on its own with its settings there, and its own
 * database user. The users have names of their own, because the server is shared with other tests.
 */
export class ComposedProduct implements Door {
  private readonly children = new Map<string, ChildProcess>();
  private readonly tokens = new Map<string, Promise<string>>();
  private readonly addresses = new Map<string, string[]>();
  private processes = 1;
  private preload: { file: string; env: Record<string, string> } | undefined;
  /** What the processes wrote: warnings and errors. */
  output = '';

  private constructor(private readonly environments: Environments) {}

  /** Migrates and seeds the database, makes the users, starts everything and waits until it serves. */
  static async start(
    databaseUrl: string,
    { copies = {}, processes = 1, preload }: Composition = {},
  ): Promise<ComposedProduct> {
    const product = new ComposedProduct(await environmentsHere());
    product.processes = processes;
    const { DATABASE_USERS: _, ...migrate } = product.environments.migrate!;
    execFileSync(process.execPath, services.migrate!.command.slice(1), {
      cwd: ROOT,
      env: product.env({ ...migrate, DATABASE_URL: databaseUrl }),
      stdio: 'pipe', // What it says on stderr becomes the message of the error.
    });
    const owner = await connectOwner(databaseUrl);
    try {
      product.preload = await preload?.(owner);
      const users = await DatabaseUsers.make(owner, databaseUrl);
      const start = (name: ProcessName) => product.run(name, { DATABASE_URL: users.urlOf(name) });
      await Promise.all(processNames.flatMap((name) => Array.from({ length: copies[name] ?? 1 }, () => start(name))));
      for (let i = 0; i < (copies.gateway ?? 1); i++)
        await product.run('gateway', { SUBGRAPH_URLS: product.subgraphsOf(i) });
    } catch (error) {
      await product.stop();
      throw error;
    } finally {
      await owner.close();
    }
    return product;
  }

  /** Addresses of all processes that run a program. */
  addressesOf(name: Program): readonly string[] {
    return this.addresses.get(name) ?? [];
  }

  /** The first process of a program. */
  firstOf(name: Program): ChildProcess {
    return this.children.get(`${name} 1`)!;
  }

  /** A setting of a program, such as the keys that it shares with others. */
  setting(name: Program, variable: string): string {
    return this.environments[name]![variable]!;
  }

  /** The subgraphs that a gateway asks: with several of a kind, the next gateway asks the next. */
  subgraphsOf(gateway: number): string {
    const given = (name: string): string => this.addresses.get(name)![gateway % this.addresses.get(name)!.length]!;
    return ['students', 'iep', 'services', 'reporting'].map((name) => `${name}=${given(name)}`).join(',');
  }

  private async run(name: Program, over: Record<string, string>): Promise<void> {
    const addresses = this.addresses.get(name) ?? [];
    this.addresses.set(name, addresses);
    const environment: Record<string, string> = {
      ...this.environments[name]!,
      ...this.preload?.env,
      PROCESSES: String(this.processes),
      ...over,
    };
    const number = addresses.push(`http://localhost:${environment.PORT}`);
    // The first is where the others expect it.
    if (number > 1) {
      environment.PORT = String(await freePort());
      addresses[number - 1] = `http://localhost:${environment.PORT}`;
    }
    const [, ...program] = services[name]!.command;
    const preload = this.preload ? ['-r', this.preload.file] : [];
    const env = this.env(environment);
    const child = spawn(process.execPath, [...preload, ...program], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.children.set(`${name} ${number}`, child);
    for (const stream of [child.stdout, child.stderr])
      stream!.on('data', (chunk: Buffer) => (this.output += `${name}: ${chunk.toString()}`));
    const isReady = () => answersAt(`http://localhost:${environment.PORT}/ready`);
    await untilReady(name, child, isReady, () => this.output);
  }

  private env(environment: Record<string, string>): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return { PATH, HOME, ...environment };
  }

  /** The password of an account whose password is not its user name, as those of the initial data are. */
  knows(username: string, password: string): void {
    const issuer = this.environments.issuer!.EMBEDDED_ISSUER!;
    this.tokens.set(
      username,
      signIn({ issuer, username, password }).then((set) => set.accessToken),
    );
  }

  /** Asks the gateway as an account. */
  async ask(who: string, query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
    if (!this.tokens.has(who)) this.knows(who, who);
    const token = this.tokens.get(who)!;
    return postGraphql(this.environments.gateway!.PUBLIC_URL!, await token, query, variables);
  }

  /** Asks as a partner agency, with a token made for it. */
  async askAsPartner(clientId: string, clientSecret: string, query: string): Promise<GraphqlAnswer> {
    const issuer = this.environments.issuer!.EMBEDDED_ISSUER!;
    const { accessToken } = await clientCredentials({ issuer, clientId, clientSecret });
    return postGraphql(this.environments.gateway!.PUBLIC_URL!, accessToken, query, {});
  }

  async stop(): Promise<void> {
    await stopAll(this.children.values());
  }
}
