import { createServer, type IncomingMessage, type Server } from 'node:http';
import { listen } from '../process';
import type { Subgraph } from './create-subgraph';

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Serves a subgraph over HTTP/1.1 with keep-alive. The gateway is its only client. */
export async function serveSubgraph(subgraph: Subgraph, port: number, host?: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const asked = await readBody(request);
    const { status, body } =
      asked === null
        ? { status: 413, body: '{"errors":[{"message":"The body is too large."}]}' }
        : await subgraph.handle({
            method: request.method ?? 'GET',
            path: (request.url ?? '/').split('?')[0]!,
            headers: request.headers as Record<string, string>,
            body: asked,
          });
    response
      .writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        // Its rest is not read, and would be taken for the next request.
        ...(asked === null && { connection: 'close' }),
      })
      .end(body);
  });
  server.keepAliveTimeout = 65_000;
  await listen(server, port, host);
  return server;
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
