import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { createGateway, inProcessTransport, openOperations, ratesOf } from '../gateway/create-gateway';
import { createIssuer } from '../issuer';
import { AuditLog } from '../platform/audit/audit-log';
import { signingKey } from '../platform/audit/keys';
import type { Clock } from '../platform/clock';
import type { Settings } from '../platform/config';
import { type Database, STATEMENT_MS } from '../platform/database/database';
import { setCursorKey } from '../platform/graphql/connection';
import type { Logger } from '../platform/log';
import { Lifecycle, listen, serverStop } from '../platform/process';
import { systemSession } from '../platform/scope/session';
import type { Subgraph, SubgraphRuntime } from '../platform/subgraph/create-subgraph';
import { startConsumer } from '../platform/subgraph/run';
import { createIepSubgraph } from '../subgraphs/iep';
import { createReportingSubgraph, startDailyRefresh, startReportWorker } from '../subgraphs/reporting';
import { createServicesSubgraph } from '../subgraphs/services';
import { createStudentsSubgraph } from '../subgraphs/students';
import { activeInitialAccounts, refuseInitialAccounts } from '../subgraphs/students/account/initial-accounts';
import { claimDatabase } from './claim-database';
import { type ProcessName, processNames } from './database-users';
import { auditSecret, connectAudit, connectOwner, prepareDatabase } from './runtime';
import { seedOnce } from './seed/seed';
import { staffIdKeyOf } from './staff-id-key';

export interface SystemOptions {
  settings: Settings;
  clock: Clock;
  log: Logger;
  /** Where the files of `schema/` are. */
  root: string;
  /** Load the initial data into an empty database. */
  seed: boolean;
  /** Told what goes on during a first start. */
  say?: (line: string) => void;
  /** Deliver events and refresh the facts daily (the default). Off in tests of what holds without them. */
  consume?: boolean;
  /**
   * Gives a part its own connection to the migrated database. Left out, all parts share the owner's: one process is one
   * database user, whose rights reach as far as those of all its parts.
   */
  connect?: (part: ProcessName, owner: Database) => Promise<Database>;
}

/** The whole product in one process. */
export interface System {
  /** Address of the gateway. */
  url: string;
  /** The owner's connection. */
  database: Database;
  /** The connection of each part: the owner's, unless it has its own. */
  databases: Record<ProcessName, Database>;
  subgraphs: Record<string, Subgraph>;
  /** True when this start loaded the initial data. */
  seeded: boolean;
  /** User names of the initial data that can sign in. */
  demoAccounts: readonly string[];
  stop(): Promise<void>;
}

const ISSUER_PATH = '/oidc';
const newKey = (): Uint8Array => randomBytes(32);

/**
 * Starts issuer, four subgraphs and gateway in this process, on one database. Subgraphs are called in process, with the same
 * signed Principal and the same code as over HTTP. The keys between them live as long as the process.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { settings, clock, log, root, say = () => undefined } = options;
  const lifecycle = new Lifecycle(log);
  try {
    return await start();
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }

  async function start(): Promise<System> {
    const database = await connectOwner(settings.DATABASE_URL, { replicaUrl: settings.DATABASE_REPLICA_URL, log });
    lifecycle.onStop('database', () => database.close());
    lifecycle.onStop('claim of the database', claimDatabase(settings.DATABASE_URL));
    await prepareDatabase(database, clock);
    const seeded = options.seed && (await seedOnce(database, clock, settings, say));
    const session = systemSession({ manager: database.read, engine: database.engine, clock }, 'verify');
    if (settings.NODE_ENV === 'production') await refuseInitialAccounts(session);
    const demoAccounts = await activeInitialAccounts(session);
    const audit = await startAudit();
    const databases = await connectParts(database);
    for (const one of new Set([database, ...Object.values(databases)])) one.limitStatements(STATEMENT_MS);
    setCursorKey(settings.CURSOR_KEY ?? randomBytes(32).toString('hex'));

    const serviceKey = randomBytes(32).toString('hex');
    const principalKeys = { students: newKey(), iep: newKey(), services: newKey(), reporting: newKey() };
    const runtime = (name: keyof typeof principalKeys): SubgraphRuntime => ({
      database: databases[name],
      clock,
      log: log.child({ subgraph: name }),
      audit,
      principalKeys: [principalKeys[name]],
    });
    const students = createStudentsSubgraph({ ...runtime('students'), serviceKey });
    const loadPrincipal = principalLoader(students, serviceKey);
    const subgraphs = {
      students,
      iep: createIepSubgraph(runtime('iep')),
      services: createServicesSubgraph({ ...runtime('services'), staffIdKey: staffIdKeyOf(settings) }),
      reporting: createReportingSubgraph({ ...runtime('reporting'), loadPrincipal }),
    };
    if (options.consume !== false) {
      for (const [name, subgraph] of Object.entries(subgraphs))
        startConsumer(subgraph, runtime(name as 'iep'), lifecycle);
      const refresh = startDailyRefresh(runtime('reporting'));
      lifecycle.onStop('daily refresh', () => refresh.stop());
    }
    const worker = startReportWorker({ ...runtime('reporting'), loadPrincipal });
    lifecycle.onStop('report worker', () => worker.stop());

    const { url, serve, stop } = await startServer(settings);
    lifecycle.onStop('server', stop);
    const publicUrl = settings.PUBLIC_URL ?? url;
    const issuerUrl = `${publicUrl}${ISSUER_PATH}`;
    const issuer = await createIssuer({
      database: databases.issuer,
      clock,
      log: log.child({ part: 'issuer' }),
      issuerUrl,
      gatewayUrl: publicUrl,
      audience: settings.OIDC_AUDIENCE,
      trustProxy: settings.TRUST_PROXY === 'yes',
    });
    lifecycle.onStop('issuer', () => issuer.close());
    const { OIDC_ISSUER, OIDC_JWKS_URI, OIDC_AUDIENCE: audience } = settings;
    const gateway = await createGateway({
      supergraphSdl: readFileSync(join(root, 'schema', 'supergraph.graphql'), 'utf8'),
      transports: Object.fromEntries(
        Object.entries(subgraphs).map(([name, subgraph]) => [name, inProcessTransport(subgraph)]),
      ),
      principalKeys,
      serviceKey,
      issuers: [
        { url: issuerUrl, jwksUri: `${url}${ISSUER_PATH}/jwks`, audience, embedded: true },
        ...(OIDC_ISSUER ? [{ url: OIDC_ISSUER, jwksUri: OIDC_JWKS_URI, audience, embedded: false }] : []),
      ],
      log: log.child({ part: 'gateway' }),
      development: settings.NODE_ENV !== 'production',
      demoAccounts,
      mounts: { [ISSUER_PATH]: issuer.handler },
      publicUrl,
      limits: { uploadBytes: settings.UPLOAD_BYTES },
      rates: ratesOf(settings),
      trustProxy: settings.TRUST_PROXY === 'yes',
      operations: await openOperations(settings),
    });
    lifecycle.onStop('gateway', () => gateway.close());
    serve(gateway.handler);
    return { url: publicUrl, database, databases, subgraphs, seeded, demoAccounts, stop: () => lifecycle.stop() };
  }

  async function connectParts(owner: Database): Promise<Record<ProcessName, Database>> {
    const databases = {} as Record<ProcessName, Database>;
    for (const name of processNames) {
      databases[name] = owner;
      if (!options.connect) continue;
      const own = (databases[name] = await options.connect(name, owner));
      lifecycle.onStop(`database of ${name}`, () => own.close());
    }
    return databases;
  }

  async function startAudit(): Promise<AuditLog> {
    const database = await connectAudit(settings.DATABASE_URL);
    lifecycle.onStop('audit database', () => database.close());
    const key = signingKey(auditSecret(settings));
    const audit = await AuditLog.start({ database, clock, log, key, process: 'system' });
    lifecycle.onStop('audit log', () => audit.stop());
    return audit;
  }
}

/** Principals for the report worker: asked from the students subgraph, as the gateway does. */
function principalLoader(students: Subgraph, serviceKey: string) {
  return async (subject: string, perspective: string) => {
    const answer = await students.handle({
      method: 'POST',
      path: '/internal/principal',
      headers: { 'x-service-key': serviceKey },
      body: JSON.stringify({ account: subject, perspective }),
    });
    if (answer.status !== 200 && answer.status !== 403)
      throw new Error(`students answered ${answer.status} to /internal/principal`);
    return answer.status === 200 ? JSON.parse(answer.body).principal : null;
  };
}

interface Listening {
  url: string;
  stop(): Promise<void>;
  serve(handler: RequestListener): void;
}

/** Listens first, so that an ephemeral port is known before the addresses are handed out. Until `serve` it answers 503. */
async function startServer({ PORT, HOST }: Settings): Promise<Listening> {
  let handler: RequestListener = (_request, response) =>
    void response
      .writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' })
      .end('{"status":"starting"}');
  const server = createServer((request, response) => handler(request, response));
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = 65_000;
  const stop = serverStop(server);
  const port = await listen(server, PORT, HOST);
  const name = HOST === '0.0.0.0' || HOST === '127.0.0.1' ? 'localhost' : HOST;
  return { stop, url: `http://${name}:${port}`, serve: (next) => void (handler = next) };
}
