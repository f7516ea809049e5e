import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createLogger } from '../platform/log';
import { Lifecycle, listen, runProgram, serverStop } from '../platform/process';
import { inProcesses } from '../platform/processes';
import { readGatewayConfig } from './config';
import { createGateway, httpTransport, openOperations, ratesOf, withCircuit } from './create-gateway';

/** The gateway as a program of its own: subgraphs and issuer over HTTP. */
async function main(): Promise<void> {
  const config = readGatewayConfig();
  const { PORT, HOST, LOG_LEVEL, PUBLIC_URL, UPLOAD_BYTES } = config.settings;
  const log = createLogger('gateway', LOG_LEVEL);
  const transports = Object.fromEntries(
    Object.entries(config.subgraphUrls).map(([name, url]) => [
      name,
      withCircuit(httpTransport(url), { ...config.circuit, log: log.child({ subgraph: name }) }),
    ]),
  );
  const gateway = await createGateway({
    ...config,
    supergraphSdl: readSupergraph(config.supergraphFile),
    transports,
    publicUrl: PUBLIC_URL,
    limits: { uploadBytes: UPLOAD_BYTES },
    rates: ratesOf(config.settings),
    trustProxy: config.settings.TRUST_PROXY === 'yes',
    operations: await openOperations(config.settings),
    log,
  }).catch((error: Error) => {
    const what = `The gateway over SUPERGRAPH=${config.supergraphFile} does not start`;
    throw new Error(`${what}: ${error.message}`, { cause: error });
  });
  const server = createServer(gateway.handler);
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = 65_000;
  const stopServer = serverStop(server);
  const closed = new Promise<void>((resolve) => void server.once('close', resolve));
  const lifecycle = new Lifecycle(log);
  // Run last step first: no new connections, then the operations under way, then their connections.
  lifecycle.onStop('connections', () => closed);
  lifecycle.onStop('gateway', () => gateway.close().then(() => server.closeIdleConnections()));
  lifecycle.onStop('server', () => void stopServer());
  lifecycle.listen();
  await listen(server, PORT, HOST);
  log.info({ host: HOST, port: PORT }, 'gateway ready');
}

function readSupergraph(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`SUPERGRAPH=${file}: can't be read. It is made by npm run schema.`, { cause: error });
  }
}

if (require.main === module) runProgram(() => inProcesses(main, { onDatabase: false }));
