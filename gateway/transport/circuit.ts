import type { Logger } from '../../platform/log';
import type { SubgraphTransport } from './transport';

export interface CircuitOptions {
  /** So many calls in a row without an answer open the circuit. */
  failures: number;
  /** How long it is open before one call tries. */
  pauseMs: number;
  /** A call that is given up after so long counts as one without an answer; sooner, it was the request that ended. */
  slowMs?: number;
  /** Of the subgraph. */
  log: Logger;
}

/**
 * The same way to a subgraph, on which nobody waits for one that doesn't answer: while the circuit is open, calls fail at once,
 * but for one at a time that tries. No call is made twice. Any answer closes it, also one that tells an error: what answers lives.
 */
export function withCircuit(
  transport: SubgraphTransport,
  { failures, pauseMs, slowMs = 10_000, log }: CircuitOptions,
): SubgraphTransport {
  /** In a row. */
  let failed = 0;
  let nextTry = 0;

  function fail(error: unknown, isTry: boolean): void {
    failed += 1;
    if (failed === failures) log.warn({ err: error, failures, pauseMs }, 'subgraph cut off');
    // Calls that were under way when it opened don't keep it open.
    if (failed === failures || isTry) nextTry = performance.now() + pauseMs;
  }

  function succeed(): void {
    if (failed >= failures) log.info('subgraph answers again');
    failed = 0;
  }

  return {
    ...transport,
    send(path, body, headers, signal, later) {
      const started = performance.now();
      const isTry = failed >= failures;
      if (isTry && started < nextTry) return Promise.reject(new Error('not asked: the last calls to it got no answer'));
      // Others may try when nobody has told how this one ended.
      if (isTry) nextTry = started + Math.max(pauseMs, slowMs);
      return transport.send(path, body, headers, signal, later).then(
        (answer) => {
          if (failed > 0) succeed();
          return answer;
        },
        (error: unknown) => {
          const isFailure = signal?.aborted ? performance.now() - started >= slowMs : isOfConnection(error);
          if (isFailure) fail(error, isTry);
          else if (isTry) nextTry = 0;
          throw error;
        },
      );
    },
  };
}

/** As `NoAnswer` and node's own errors of sockets have a code; an answer that can't be taken in has none. */
const isOfConnection = (error: unknown): boolean => typeof (error as { code?: unknown } | null)?.code === 'string';
