import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sample } from './probe';

const ROOT = join(__dirname, '..', '..', '..');
const PROBE = join(__dirname, 'probe.js');
const SETTLE_MS = 500;

/** The most of each since `begin`, and where the process stood then: bytes. */
export interface Peak extends Sample {
  idle: Sample;
}

/** A program of the product as a process of its own, whose memory is watched while it runs. */
export class WatchedProcess {
  readonly child: ChildProcess;
  private last: Sample = { rss: 0, heap: 0, buffers: 0 };
  private idle: Sample | null = null;
  private most: Sample = this.last;
  private said = '';

  /**
   * @param program below `dist/`
   * @param heap MB that its objects may take, or the default of node
   * @param flags of node
   */
  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv, heap?: number, flags: string[] = []) {
    const { PATH, HOME } = process.env;
    const limit = heap ? [`--max-old-space-size=${heap}`] : [];
    const node = ['--enable-source-maps', '--expose-gc', ...limit, ...flags, '-r', PROBE];
    this.child = spawn(process.execPath, [...node, join('dist', program), ...args], {
      ...{ cwd: ROOT, env: { PATH, HOME, LOG_LEVEL: 'warn', ...env } },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (text: Buffer) => (this.said = (this.said + text.toString()).slice(-2_000)));
    this.child.on('message', (sample: Sample) => this.take(sample));
  }

  /** The end of what it has printed. */
  get output(): string {
    return this.said;
  }

  /** From now on: what it stands at, without what can be collected, is idle. */
  async begin(): Promise<void> {
    this.idle = null;
    await pause(SETTLE_MS);
    const told = once(this.child, 'message');
    this.child.send('collect');
    await told;
    await pause(SETTLE_MS);
    this.idle = this.most = this.last;
  }

  get peak(): Peak {
    return { ...this.most, idle: this.idle ?? { rss: 0, heap: 0, buffers: 0 } };
  }

  /** Waits for its end. @throws Error unless it ends well */
  async end(): Promise<void> {
    const [code] = (await once(this.child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`${this.child.spawnargs.slice(-3).join(' ')}: exit code ${code}\n${this.said}`);
  }

  private take(sample: Sample): void {
    const { most } = this;
    this.last = sample;
    this.most = {
      rss: Math.max(most.rss, sample.rss),
      heap: Math.max(most.heap, sample.heap),
      buffers: Math.max(most.buffers, sample.buffers),
    };
  }
}
