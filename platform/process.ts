import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import type { Logger } from './log';
import { STOP } from './processes';

/** Runs the way back of a start, last step first, once, on SIGTERM or SIGINT; a second signal ends the process at once. */
export class Lifecycle {
  private readonly steps: { name: string; stop: () => Promise<void> | void }[] = [];
  private stopping: Promise<void> | null = null;

  constructor(private readonly log: Logger) {}

  onStop(name: string, stop: () => Promise<void> | void): void {
    this.steps.push({ name, stop });
  }

  stop(): Promise<void> {
    this.stopping ??= (async () => {
      for (const { name, stop } of this.steps.reverse()) {
        try {
          await stop();
        } catch (error) {
          this.log.error({ err: error, step: name }, 'stop failed');
        }
      }
    })();
    return this.stopping;
  }

  listen(): void {
    const end = () => void this.stop().then(() => process.exit(0));
    // A terminal, or whoever ends a whole group of processes, sends the signal to each of them.
    if (cluster.isWorker) process.on('message', (message) => message === STOP && end());
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (cluster.isWorker) return;
        if (this.stopping) process.exit(1);
        this.log.info({ signal }, 'stopping');
        end();
      });
    }
  }
}

/**
 * Prepares the end of a server; call it before the server listens. What it returns accepts no further connection, lets the
 * requests under way finish and resolves when all connections are closed.
 *
 * Clients open connections ahead of need. Node does not count one as idle before its first request, so that a single such
 * connection would keep the server from ever closing: they are ended at once, and whatever is left after the grace period.
 */
export function serverStop(server: Server, graceMs = 10_000): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      // Kept alive by its client, a connection goes on after its last answer: looked for until all are gone.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      server.close(() => {
        clearInterval(idle);
        resolve();
      });
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      setTimeout(() => server.closeAllConnections(), graceMs).unref();
    });
}

/**
 * Listens, and resolves to the port.
 * @throws Error with one readable line that names PORT or HOST when that is not possible
 */
export function listen(server: Server, port: number, host?: string): Promise<number> {
  const advice: Record<string, string> = {
    EADDRINUSE: `PORT=${port} is in use: stop the other program, or set another PORT.`,
    EACCES: `PORT=${port} may not be used by this user: set a PORT above 1023.`,
    EADDRNOTAVAIL: `HOST=${host} is not an address of this machine: set HOST to 127.0.0.1 or 0.0.0.0.`,
    ENOTFOUND: `HOST=${host} is not known: set HOST to 127.0.0.1 or 0.0.0.0.`,
  };
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const line = advice[error.code ?? ''];
      reject(line ? new Error(line, { cause: error }) : error);
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/**
 * Where most objects that are made at one place of the code have survived a collection, V8 makes the next ones there in its old space. Under
 * load that holds for every place that serves a request, and what is old keeps all that it points to until everything is collected (ADR 24).
 */
export function makeObjectsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * Runs a program: an error is one readable line on stderr and exit code 1, never a stack trace for a known cause. A program
 * may resolve to another exit code.
 */
export function runProgram(main: () => Promise<void | number>): void {
  // What the environment says already is not overridden.
  if (existsSync('.env')) process.loadEnvFile('.env');
  makeObjectsYoung();
  main().then(
    (code) => {
      if (code) process.exitCode = code;
    },
    (error: Error) => {
      process.stderr.write(`${process.env.DEBUG ? error.stack : error.message}\n`);
      process.exit(1);
    },
  );
}
