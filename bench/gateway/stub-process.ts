/** A subgraph stub as a process of its own: `stub-process.js PORT`, options of the stub in STUB; its counts over IPC. */
import { createServer } from 'node:http';
import { listen, runProgram } from '../../platform/process';
import { answerCounts } from './counts';
import { SubgraphStub } from './subgraph-stub';

runProgram(async () => {
  const stub = new SubgraphStub(JSON.parse(process.env.STUB!));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8');
      const headers = request.headers as Record<string, string>;
      const asked = { method: request.method!, path: request.url!, headers, body };
      const answer = stub.known(asked) ?? (await stub.execute(asked));
      response
        .writeHead(answer.status, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(answer.body),
        })
        .end(answer.body);
    });
  });
  server.keepAliveTimeout = 65_000;
  await listen(server, Number(process.argv[2]), '127.0.0.1');
  answerCounts([stub]);
});
