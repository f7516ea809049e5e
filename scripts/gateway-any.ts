import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { openGateway } from '../gateway/open-gateway';
import { createLogger } from '../platform/log';
import { Lifecycle, listen, serverStop } from '../platform/process';
import { runCommand, UnusableArguments } from './command';

const USAGE = `Serves any Federation 2 supergraph over its subgraphs, without authorization: to try the executor, never in production.

  npm run -s gateway:any -- --supergraph FILE --port N

  --supergraph FILE   the supergraph's SDL; its subgraphs are asked at the urls of @join__graph
  --port N            where to listen, on 127.0.0.1; 0 takes a free port
  --host NAME         another address to listen on

Prints its address when it is ready: POST or GET, GraphQL over HTTP.`;

const text = { type: 'string' } as const;

/** `npm run -s gateway:any`. */
runCommand({ usage: USAGE, options: { supergraph: text, port: text, host: text } }, async ({ values }) => {
  const { supergraph, port, host = '127.0.0.1' } = values;
  if (!supergraph || !/^\d{1,5}$/.test(port ?? '')) throw new UnusableArguments('Give --supergraph FILE and --port N.');
  const log = createLogger('gateway-any', process.env.LOG_LEVEL ?? 'warn');
  const server = createServer(openGateway({ supergraphSdl: await readText(supergraph), log }));
  const lifecycle = new Lifecycle(log);
  lifecycle.onStop('server', serverStop(server));
  lifecycle.listen();
  process.stdout.write(`http://${host}:${await listen(server, Number(port), host)}/graphql\n`);
});

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file}: can't be read (${error.code}).`);
  });
}
