import 'reflect-metadata';
import { createServer, type ServerResponse } from 'node:http';
import { Database, STATEMENT_MS } from '../platform/database/database';
import { verifySchema } from '../platform/database/migrate';
import { createLogger } from '../platform/log';
import { Lifecycle, listen, runProgram, serverStop } from '../platform/process';
import { inProcesses } from '../platform/processes';
import { createIssuer, issuerEntities, issuerMigrations } from './index';
import { readIssuerSettings } from './settings';

/** The issuer as a program of its own. */
runProgram(() => inProcesses(serve, { onDatabase: true }));

async function serve(): Promise<void> {
  const { settings, issuerUrl, gatewayUrl, trustProxy } = readIssuerSettings();
  const log = createLogger('issuer', settings.LOG_LEVEL);
  const lifecycle = new Lifecycle(log);

  const database = await Database.connect({
    url: settings.DATABASE_URL,
    entities: issuerEntities,
    protectedTables: [],
    migrations: issuerMigrations,
  });
  lifecycle.onStop('database', () => database.close());
  await verifySchema(database);
  database.limitStatements(STATEMENT_MS);
  const audience = settings.OIDC_AUDIENCE;
  const issuer = await createIssuer({ database, log, issuerUrl, gatewayUrl, audience, trustProxy });
  lifecycle.onStop('issuer', () => issuer.close());

  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (path === '/health') return answer(response, 200, 'ok');
    if (path === '/ready') {
      return void database.read.query('SELECT 1').then(
        () => answer(response, 200, 'ready'),
        () => answer(response, 503, 'database unreachable'),
      );
    }
    issuer.handler(request, response);
  });
  server.keepAliveTimeout = 65_000;
  lifecycle.onStop('server', serverStop(server));
  lifecycle.listen();
  const port = await listen(server, settings.PORT, settings.HOST);
  log.info({ port, issuerUrl }, 'issuer is serving');
}

function answer(response: ServerResponse, statusCode: number, status: string): void {
  response.writeHead(statusCode, { 'content-type': 'application/json' }).end(JSON.stringify({ status }));
}
