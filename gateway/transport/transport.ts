import type { RecordLater, SubgraphResponse } from '../../platform/subgraph/create-subgraph';

/** Over HTTP a text; in process the objects that it would tell, which are the caller's to change. */
export type SubgraphAnswer = SubgraphResponse;

/** Tells when an answer is no longer waited for: as much of an AbortSignal as is used here. */
export interface Leaving extends Pick<AbortSignal, 'aborted' | 'reason'> {
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The way failed, not the answer: with a code, as node's own errors of sockets. */
export class NoAnswer extends Error {
  constructor(
    message: string,
    readonly code: 'ECONNRESET' | 'ETIMEDOUT',
  ) {
    super(message);
  }
}

/** Nobody waits for the answer any more: no fault of a subgraph's. */
export class ClientGone extends Error {
  constructor() {
    super('the client is gone');
  }
}

/** What an AbortController does, for one request: the platform's costs as much as a small call of a subgraph. */
export class Departure implements Leaving {
  aborted = false;
  reason: unknown;
  private readonly listeners = new Set<() => void>();

  abort(reason: Error): void {
    if (this.aborted) return;
    Object.assign(this, { aborted: true, reason });
    for (const listener of this.listeners) listener();
  }

  /** Ends the waiting then; who is through before clears the timer. */
  abortAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.abort(new Error(`no answer within ${ms} ms`)), ms);
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }
}

/**
 * The way to one subgraph, the same over HTTP and in process: a POST with a JSON text.
 *
 * Nothing of the client's request goes along but what the gateway puts into these arguments.
 */
export interface SubgraphTransport {
  /**
   * @param path such as `/graphql` or `/internal/principal`
   * @param headers lower-case names
   * @param signal ends the waiting; what the subgraph has begun may still run to its end
   * @param later takes what puts the disclosures of the answer on record: who gives it runs all that it took before it shows
   * anything, and shows nothing where one fails. Without it, and over HTTP, they are on record when the answer comes
   * @throws Error when there is no answer, for whatever reason
   */
  send(
    path: string,
    body: string,
    headers: Record<string, string>,
    signal?: Leaving,
    later?: RecordLater,
  ): Promise<SubgraphAnswer>;
  close?(): Promise<void>;
}

/** The same way, on which an answer is waited for no longer than this, unless its own signal says how long. */
export const withDeadline = (transport: SubgraphTransport, ms: number): SubgraphTransport => ({
  async send(path, body, headers, signal) {
    if (signal) return transport.send(path, body, headers, signal);
    const deadline = new Departure();
    const timer = deadline.abortAfter(ms).unref();
    try {
      return await transport.send(path, body, headers, deadline);
    } finally {
      clearTimeout(timer);
    }
  },
});
