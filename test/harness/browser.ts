import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A Chromium that is installed anyway; tests in a browser are left out where there is none. */
export const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

interface Message {
  id?: number;
  method?: string;
  params?: any;
  result?: any;
  error?: { message: string };
}

/** A page of the browser, driven by the DevTools protocol. */
export interface Page {
  /** Every request of this page that left for a server, as `POST http://…` with its body. */
  readonly requests: { method: string; url: string; body: string }[];
  goto(url: string): Promise<void>;
  /** The value of an expression in the page. */
  evaluate<T = unknown>(expression: string): Promise<T>;
  /** Waits until an expression is true in the page, over navigations. */
  until(expression: string, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts Chromium over a pipe: no package, no port. */
export class Browser {
  private readonly folder = mkdtempSync(join(tmpdir(), 'iep-graph-browser-'));
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly listeners = new Map<string, (message: Message) => void>();
  private lastId = 0;
  private rest = '';

  constructor(path: string) {
    this.child = spawn(path, [...FLAGS, `--user-data-dir=${this.folder}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      // A group of its own: its helpers end with it.
      detached: true,
    });
    (this.child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.read(text));
  }

  async open(): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const requests: Page['requests'] = [];
    this.listeners.set(sessionId, ({ method, params }) => {
      if (method !== 'Network.requestWillBeSent' || !params.request.url.startsWith('http')) return;
      const { method: verb, url, postData: body = '' } = params.request;
      requests.push({ method: verb, url, body });
    });
    await this.send('Network.enable', {}, sessionId);
    await this.send('Page.enable', {}, sessionId);
    const evaluate = async <T>(expression: string): Promise<T> => {
      const { result } = await this.send(
        'Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true },
        sessionId,
      );
      return result.value as T;
    };
    return {
      requests,
      evaluate,
      goto: (url) => this.send('Page.navigate', { url }, sessionId),
      async until(expression, timeoutMs = 30_000) {
        for (const end = Date.now() + timeoutMs; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
          // While the page is left there is nothing to ask.
          if (await evaluate<boolean>(`Boolean(${expression})`).catch(() => false)) return;
          if (Date.now() > end) throw new Error(`The page never came to: ${expression}`);
        }
      },
      close: () => this.send('Target.closeTarget', { targetId }),
    };
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    process.kill(-this.child.pid!, 'SIGKILL');
    await ended;
    // A helper that is still writing leaves a folder behind under /tmp: no reason to fail a test, or to leave the system running.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }).catch(() => undefined);
  }

  private send(method: string, params: object, sessionId?: string): Promise<any> {
    const id = ++this.lastId;
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) =>
      this.waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result))),
    );
  }

  private read(text: string): void {
    const messages = (this.rest + text).split('\0');
    this.rest = messages.pop()!;
    for (const one of messages) {
      const message = JSON.parse(one) as Message & { sessionId?: string };
      if (message.id === undefined) this.listeners.get(message.sessionId ?? '')?.(message);
      else this.waiting.get(message.id)?.(message);
      if (message.id !== undefined) this.waiting.delete(message.id);
    }
  }
}
