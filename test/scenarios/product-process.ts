import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { answersAt, freePort, untilReady } from '../../scripts/child-processes';
import { signIn } from '../../scripts/token/obtain-token';
import type { GraphqlAnswer } from '../harness/system';
import type { Door } from './case-work';

const ROOT = join(__dirname, '..', '..');
const PROGRAM = join(ROOT, 'dist', 'scripts', 'start.js');
const SOURCES = ['gateway', 'issuer', 'platform', 'subgraphs', 'scripts'];

/** Where the process kills itself: see `kill-switch.cjs`. */
export interface Fault {
  in: string[];
  at: string;
  when: 'before' | 'after';
}

/** Builds `dist/` when a source is newer: what runs here is the program that users start. */
export function buildIfStale(): void {
  const built = existsSync(PROGRAM) ? statSync(PROGRAM).mtimeMs : 0;
  const newest = Math.max(...SOURCES.flatMap((folder) => modifiedIn(join(ROOT, folder))));
  if (newest > built) execFileSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: 'ignore' });
}

function modifiedIn(folder: string): number[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.map((file) => statSync(join(folder, file)).mtimeMs);
}

/** The built product as a process of its own, which can be killed and started again on the same database and port. */
export class ProductProcess implements Door {
  private child: ChildProcess | null = null;
  private output = '';
  private readonly tokens = new Map<string, Promise<string>>();

  private constructor(
    private readonly databaseUrl: string,
    private readonly port: number,
    private readonly preload: string,
  ) {}

  /** @param preload a file that the process loads before the product */
  static async on(databaseUrl: string, preload = join(__dirname, 'kill-switch.cjs')): Promise<ProductProcess> {
    return new ProductProcess(databaseUrl, await freePort(), preload);
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get runs(): boolean {
    return this.child !== null && this.child.exitCode === null && !this.child.signalCode;
  }

  /** Starts and waits until it serves. @throws with its output when it doesn't */
  async start(fault?: Fault): Promise<void> {
    this.output = '';
    const { PATH, HOME } = process.env;
    const settings = { PORT: String(this.port), DATABASE_URL: this.databaseUrl, SEED: 'demo', LOG_LEVEL: 'warn' };
    const env = { PATH, HOME, ...settings, ...(fault && { KILL_SWITCH: JSON.stringify(fault) }) };
    const child = spawn(process.execPath, ['-r', this.preload, PROGRAM], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream!.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    await untilReady(
      'The product',
      child,
      () => this.serves(),
      () => this.output,
    );
  }

  private serves(): Promise<boolean> {
    return answersAt(`${this.url}/ready`);
  }

  /** From now on the fault may strike. */
  async arm(): Promise<void> {
    this.child!.kill('SIGUSR2');
    // The signal is handled at the next turn of the process's loop: one answered request is later than that.
    await this.serves();
  }

  /** What the file that it preloaded answers to a message. */
  async tell(message: string): Promise<unknown> {
    const answered = once(this.child!, 'message', { signal: AbortSignal.timeout(60_000) });
    this.child!.send(message);
    const [answer] = (await answered) as [unknown];
    return answer;
  }

  /** Ends it with this signal and waits for its end. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.child?.kill(signal);
    await this.ended();
  }

  /** Waits for the end of the process. Answers how it ended. */
  async ended(): Promise<string> {
    const child = this.child;
    if (!child) return 'never started';
    if (child.exitCode === null && !child.signalCode) await new Promise((resolve) => child.once('exit', resolve));
    return child.signalCode ?? `exit ${child.exitCode}`;
  }

  async ask(who: string, query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
    let token = this.tokens.get(who);
    if (!token)
      this.tokens.set(
        who,
        (token = signIn({ issuer: `${this.url}/oidc`, username: who, password: who }).then((set) => set.accessToken)),
      );
    return postGraphql(this.url, await token, query, variables);
  }
}

/** Asks a gateway, wherever it runs. */
export async function postGraphql(
  url: string,
  token: string,
  query: string,
  variables: Record<string, unknown>,
): Promise<GraphqlAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...((await response.json()) as object) } as GraphqlAnswer;
}
