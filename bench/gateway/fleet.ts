import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { stripSupergraph } from '../../gateway/authorize';
import { freePort, stopAll, untilReady } from '../../scripts/child-processes';
import { newSecret, signedIn } from './caller';
import { askCounts } from './counts';
import { type Gateway, type Setting } from './gateways';
import { type Counts, type StubOptions, SUBGRAPHS, type SubgraphName } from './subgraph-stub';

const ROOT = join(__dirname, '..', '..', '..');
export const SUPERGRAPH = join(ROOT, 'schema', 'supergraph.graphql');
/** Of /proc/PID/stat: Linux counts in hundredths of a second for programs, whatever its own clock. */
const TICKS_PER_SECOND = 100;
/** A profile is written when a program exits, not when a signal ends it. */
const EXIT_WHEN_ASKED = 'data:text/javascript,process.once("SIGTERM", () => process.exit())';

export interface FleetOptions {
  gateways: ReadonlyMap<string, Gateway>;
  /** Flags of node, the same for every gateway. */
  flags: string[];
  /** A gateway whose CPU profile is written to the folder `profiles` when it ends. */
  profiled?: string;
  profiles?: string;
}

export interface Runner {
  gateway: Gateway;
  pool: Pool;
  child: ChildProcess;
}

/**
 * The stubs and all gateways over them, each a process of its own, all at once: one is asked at a time, the others are idle.
 * Gateways share the first core; stubs, and this process with the load, the second, where there are two.
 */
export class Fleet {
  readonly runners = new Map<string, Runner>();
  private readonly stubs: ChildProcess[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'iep-bench-'));
  /** Of the caller, for the gateways that want one. */
  token = '';

  private constructor(private readonly options: FleetOptions) {}

  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    // Nobody else would end the others.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void fleet.stop().then(() => process.exit(1)));
    try {
      await fleet.startAll();
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.runners.values()].map(({ pool }) => pool.destroy()));
    await stopAll([...this.runners.values()].map(({ child }) => child));
    await stopAll(this.stubs);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the stubs behind a gateway were asked since the last reset. */
  counts({ gateway, child }: Runner, question: 'reset' | 'read'): Promise<Counts> {
    return askCounts(gateway.isAlone ? [child] : this.stubs, question);
  }

  private async startAll(): Promise<void> {
    if (pins) execFileSync('taskset', ['-cp', '1', String(process.pid)], { stdio: 'ignore' });
    const ports = Object.fromEntries(
      await Promise.all(SUBGRAPHS.map(async (name) => [name, await freePort()] as const)),
    ) as Record<SubgraphName, number>;
    const subgraphs = bySubgraph((name) => `http://127.0.0.1:${ports[name]}`);
    const issuer = `${subgraphs.students}/oidc`;
    const { token, jwks } = await signedIn(issuer);
    this.token = token;
    const principalKeys = bySubgraph(newSecret);
    const serviceKey = newSecret();
    const stubs = SUBGRAPHS.map((name): StubOptions => ({ name, principalKey: principalKeys[name], serviceKey, jwks }));
    for (const stub of stubs) {
      const child = this.spawn(1, [join(__dirname, 'stub-process.js'), String(ports[stub.name])], {
        STUB: JSON.stringify(stub),
      });
      this.stubs.push(child);
      await untilReady(`stub of ${stub.name}`, child, () => asksAt(subgraphs[stub.name]));
    }
    const supergraph = join(this.folder, 'supergraph.graphql');
    writeFileSync(supergraph, openSupergraph(subgraphs));
    const setting = { subgraphs, supergraph, principalKeys, serviceKey, issuer, stubs: JSON.stringify(stubs) };
    for (const [name, gateway] of this.options.gateways) await this.run(name, gateway, setting);
  }

  private async run(name: string, gateway: Gateway, setting: Setting): Promise<void> {
    const port = await freePort();
    const { flags, profiled, profiles } = this.options;
    const profile = profiled === name ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`, '--import', EXIT_WHEN_ASKED] : [];
    const program = gateway.program(setting, String(port));
    const child = this.spawn(0, [...flags, ...profile, ...program], gateway.env?.(setting, String(port)) ?? {});
    const url = `http://127.0.0.1:${port}`;
    this.runners.set(name, { gateway, child, pool: new Pool(url, { connections: 256 }) });
    await untilReady(gateway.title, child, () => asksAt(url, this.token));
  }

  private spawn(core: number, args: string[], env: Record<string, string>): ChildProcess {
    const { PATH, HOME } = process.env;
    const [command, ...rest] = [...(pins ? ['taskset', '-c', String(core)] : []), process.execPath, ...args];
    return spawn(command!, rest, {
      cwd: ROOT,
      env: { PATH, HOME, ...env },
      // What a program prints about itself is of no interest; its errors are.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }
}

/** Whether processes are bound to cores. */
export const pins = availableParallelism() > 1 && hasTaskset();

/** User and system time of a process so far, ms; NaN where the system does not tell. */
export function cpuOf({ pid }: ChildProcess): number {
  try {
    // After the name of the program, which may hold spaces: the 14th and 15th field, counted from the state, the third.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
  } catch {
    return NaN;
  }
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const bySubgraph = (value: (name: SubgraphName) => string): Record<SubgraphName, string> =>
  Object.fromEntries(SUBGRAPHS.map((name) => [name, value(name)])) as Record<SubgraphName, string>;

/** The product's supergraph as gateways load it that know no security specifications, with the addresses of the stubs. */
function openSupergraph(urls: Record<SubgraphName, string>): string {
  const stripped = stripSupergraph(readFileSync(SUPERGRAPH, 'utf8'));
  return stripped.replace(
    /@join__graph\(name: "(\w+)", url: "[^"]*"\)/g,
    (_, name: SubgraphName) => `@join__graph(name: "${name}", url: "${urls[name]}/graphql")`,
  );
}

const asksAt = (url: string, token = ''): Promise<boolean> =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"query":"{ __typename }"}',
  }).then(
    (response) => response.ok,
    () => false,
  );
