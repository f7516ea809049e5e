import { Pool } from 'undici';
import type { SubgraphTransport } from './transport';

export interface HttpTransportOptions {
  /** Connections kept open to one subgraph. */
  connections?: number;
  /** How long a subgraph may take to begin its answer, and between two parts of it. */
  timeoutMs?: number;
  /** A longer answer is no answer. */
  maxAnswerBytes?: number;
}

/**
 * Calls a subgraph over HTTP/1.1 with a keep-alive pool.
 *
 * @param url origin of the subgraph; a path in it comes before the path of every request
 */
export function httpTransport(url: string, options: HttpTransportOptions = {}): SubgraphTransport {
  const { connections = 64, timeoutMs = 30_000, maxAnswerBytes = 32 * 1024 * 1024 } = options;
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/+$/, '');
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connectTimeout: Math.min(timeoutMs, 5_000),
    // Below the 65 s of the subgraphs' servers: the client closes first, so no request meets a closing socket.
    keepAliveTimeout: 50_000,
  });
  return {
    async send(path, body, headers, signal) {
      const answer = await pool.request({
        path: `${base}${path}`,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal,
      });
      return { status: answer.statusCode, body: await readText(answer.body, maxAnswerBytes) };
    },
    close: () => pool.close(),
  };
}

/** Leaving the loop early destroys the connection, so an endless answer ends here. */
async function readText(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
