import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** In a process that is measured: answers how much CPU it has used, in µs, whenever it is asked. */
export function answerCpu(): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send!({ cpu: user + system });
  });
  process.on('disconnect', () => process.exit());
}

/** A process that serves at an address and tells its CPU. */
export class MeasuredProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** @param program beside this file; its first message is its address */
  static async start(program: string, env: NodeJS.ProcessEnv, execArgv: string[] = []): Promise<MeasuredProcess> {
    const child = fork(join(__dirname, program), { env: { ...process.env, ...env }, execArgv });
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error(`${program} does not start`))),
    ])) as [{ url: string }];
    return new MeasuredProcess(child, message.url);
  }

  async cpu(): Promise<number> {
    const answer = once(this.child, 'message');
    this.child.send('cpu');
    const [{ cpu }] = (await answer) as [{ cpu: number }];
    return cpu;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }
}
