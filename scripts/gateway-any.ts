import { createServer, type RequestListener } from 'node:http';
import { GraphQLError } from 'graphql';
import { openGateway } from '../gateway/open-gateway';
import { createLogger, type Logger } from '../platform/log';
import { Lifecycle, listen, serverStop } from '../platform/process';
import { readNamed, runCommand, UnusableArguments } from './command';

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
  if (!supergraph || !/^\d+$/.test(port ?? '')) throw new UnusableArguments('Give --supergraph FILE and --port N.');
  if (Number(port) > 65_535) throw new UnusableArguments('--port takes a number up to 65535.');
  const log = createLogger('gateway-any', process.env.LOG_LEVEL ?? 'warn');
  const server = createServer(open(supergraph, log));
  const lifecycle = new Lifecycle(log);
  lifecycle.onStop('server', serverStop(server));
  lifecycle.listen();
  process.stdout.write(`http://${host}:${await listen(server, Number(port), host).catch(tellOptions)}/graphql\n`);
});

function open(file: string, log: Logger): RequestListener {
  const supergraphSdl = readNamed(file);
  try {
    return openGateway({ supergraphSdl, log });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new UnusableArguments(`${file}: This is no composed supergraph of Federation 2 (${error.message}).`);
  }
}

/** What `listen` says of the settings of a program, of the options of this one. */
function tellOptions(error: Error): never {
  const message = error.message.replace(/\b(PORT|HOST)\b=?/g, (name) => `--${name.toLowerCase().replace('=', ' ')}`);
  throw new Error(message, { cause: error });
}
