import { performance } from 'node:perf_hooks';
import type { Pool } from 'undici';

/** No caller of the bench may run into the limit; they are counted all the same. */
export const UNLIMITED = { RATE_ACCOUNT: '1000000000000', RATE_ADDRESS: '1000000000000' };

/** What is asked again and again: a body for POST /graphql. */
export interface Question {
  headers: Record<string, string>;
  body: string;
  /** POST /graphql when left out. */
  method?: 'GET' | 'POST';
  path?: string;
  /** Whether an answer is what was asked for. */
  isWhole(status: number, chunks: readonly Buffer[]): boolean;
}

export interface Load {
  requests: number;
  /** Milliseconds. */
  elapsed: number;
  mean: number;
  median: number;
  p99: number;
}

/** Asks as often as `concurrency` askers can, each waiting for its answer. @throws on an answer that is not whole */
export async function load(pool: Pool, question: Question, concurrency: number, ms: number): Promise<Load> {
  const latencies: number[] = [];
  const begun = performance.now();
  const asker = async (): Promise<void> => {
    while (performance.now() - begun < ms) {
      const sent = performance.now();
      await ask(pool, question);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, asker));
  const elapsed = performance.now() - begun;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)]!;
  const mean = latencies.reduce((sum, one) => sum + one, 0) / latencies.length;
  return { requests: latencies.length, elapsed, mean, median: at(0.5), p99: at(0.99) };
}

/** `dispatch` is undici's cheapest call: the load should cost less than what it measures. */
function ask(pool: Pool, { headers, body, isWhole, method = 'POST', path = '/graphql' }: Question): Promise<void> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    pool.dispatch(
      { path, method, headers, body: body || null },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, code) => void (status = code),
        onResponseData: (_, chunk) => void chunks.push(chunk),
        onResponseEnd: () =>
          isWhole(status, chunks)
            ? resolve()
            : reject(new Error(`${status} ${Buffer.concat(chunks).toString().slice(0, 500)}`)),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}
