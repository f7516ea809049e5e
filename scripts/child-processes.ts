/** Programs that run as processes of their own: what tests and measurements of the product share. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const START_WITHIN_MS = 60_000;
const END_WITHIN_MS = 15_000;

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/**
 * Waits until a program serves.
 * @throws Error when it ends before, or takes longer than a minute; `output` is what the message tells of it
 */
export async function untilReady(
  name: string,
  child: ChildProcess,
  isReady: () => Promise<boolean>,
  output: () => string = () => '',
): Promise<void> {
  const until = Date.now() + START_WITHIN_MS;
  while (!(await isReady())) {
    if (hasEnded(child) || Date.now() > until) throw new Error(`${name} does not start\n${output()}`.trimEnd());
    await pause(50);
  }
}

/** Asks programs to end, and ends those that are still there after 15 seconds. */
export async function stopAll(children: Iterable<ChildProcess>): Promise<void> {
  const running = [...children].filter((child) => !hasEnded(child));
  await Promise.all(
    running.map(async (child) => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const grace = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
      await ended;
      clearTimeout(grace);
    }),
  );
}

/** True when a GET of the address is answered with success. */
export const answersAt = (url: string): Promise<boolean> =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  );

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
