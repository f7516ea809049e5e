import { performance } from 'node:perf_hooks';
import type { Pool } from 'undici';

export interface Operation {
  name: string;
  query: string;
  variables?: Record<string, unknown>;
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
export async function load(
  pool: Pool,
  token: string,
  { query, variables }: Operation,
  concurrency: number,
  ms: number,
): Promise<Load> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify({ query, variables });
  const latencies: number[] = [];
  const begun = performance.now();
  const asker = async (): Promise<void> => {
    while (performance.now() - begun < ms) {
      const sent = performance.now();
      const answer = await pool.request({ path: '/graphql', method: 'POST', headers, body });
      const text = await answer.body.text();
      if (answer.statusCode !== 200 || text.includes('"errors":'))
        throw new Error(`${answer.statusCode} ${text.slice(0, 500)}`);
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
