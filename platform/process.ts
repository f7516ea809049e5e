import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from './log';

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
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.stopping) process.exit(1);
        this.log.info({ signal }, 'stopping');
        void this.stop().then(() => process.exit(0));
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

/** Runs a program: an error is one readable line on stderr and exit code 1, never a stack trace for a known cause. */
export function runProgram(main: () => Promise<void>): void {
  // What the environment says already is not overridden.
  if (existsSync('.env')) process.loadEnvFile('.env');
  main().catch((error: Error) => {
    process.stderr.write(`${process.env.DEBUG ? error.stack : error.message}\n`);
    process.exit(1);
  });
}
