import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { AuditLog } from '../audit/audit-log';
import { signingKey } from '../audit/keys';
import { systemClock } from '../clock';
import { readSettings, required, type Settings, toKeys } from '../config';
import { Database, type DatabaseOptions, STATEMENT_MS } from '../database/database';
import { verifySchema } from '../database/migrate';
import type { MigrationClass } from '../database/migration';
import { setCursorKey } from '../graphql/connection';
import { createLogger } from '../log';
import { Dispatcher } from '../outbox/dispatcher';
import { Lifecycle, serverStop } from '../process';
import { inProcesses } from '../processes';
import { auditMigrations, auditTables, platformMigrations, platformProtected, platformTables } from '../tables';
import { type Session, systemSession } from '../scope/session';
import type { Subgraph, SubgraphRuntime } from './create-subgraph';
import { serveSubgraph } from './http';

export interface SubgraphProgram {
  name: string;
  entities: EntityTarget<ObjectLiteral>[];
  migrations: MigrationClass[];
  protectedTables: readonly string[];
  /** The composition root; `settings` for what only this subgraph needs. */
  create(runtime: SubgraphRuntime, settings: Settings): Subgraph;
  /** Refuses to start on a database that must not be served. */
  verify?(session: Session, settings: Settings): Promise<void>;
  /** Work beside requests, such as a report worker; returns its stop. */
  background?(runtime: SubgraphRuntime, settings: Settings): () => Promise<void>;
}

/** The database as one subgraph knows it: the platform's tables and its own, under a user with rights to no others. */
export function connectSubgraph(
  url: string,
  { entities, migrations, protectedTables }: Pick<SubgraphProgram, 'entities' | 'migrations' | 'protectedTables'>,
  more: Pick<DatabaseOptions, 'commitListeners' | 'replicaUrl' | 'log'> = {},
): Promise<Database> {
  return Database.connect({
    url,
    entities: [...platformTables, ...auditTables, ...entities],
    protectedTables: [...platformProtected, ...protectedTables],
    migrations: [...platformMigrations, ...auditMigrations, ...migrations],
    ...more,
  });
}

/** Runs one subgraph alone over HTTP, in as many processes as PROCESSES says. */
export const runSubgraph = (program: SubgraphProgram): Promise<void> =>
  inProcesses(() => serve(program), { onDatabase: true });

/** Checks the settings and the schema, serves, delivers the subgraph's events, stops cleanly. */
async function serve(program: SubgraphProgram): Promise<void> {
  const settings = readSettings();
  const log = createLogger(program.name, settings.LOG_LEVEL);
  const lifecycle = new Lifecycle(log);
  lifecycle.listen();
  setCursorKey(required(settings, 'CURSOR_KEY'));

  const database = await connectSubgraph(settings.DATABASE_URL, program, {
    replicaUrl: settings.DATABASE_REPLICA_URL,
    log,
  });
  lifecycle.onStop('database', () => database.close());
  await verifySchema(database);
  database.limitStatements(STATEMENT_MS);
  await program.verify?.(
    systemSession({ manager: database.read, engine: database.engine, clock: systemClock }, 'verify'),
    settings,
  );

  const audit = await AuditLog.start({
    database,
    clock: systemClock,
    log,
    key: signingKey(required(settings, 'AUDIT_KEY')),
    process: program.name,
  });
  lifecycle.onStop('audit log', () => audit.stop());
  const runtime: SubgraphRuntime = {
    database,
    clock: systemClock,
    log,
    audit,
    principalKeys: toKeys(required(settings, 'PRINCIPAL_KEY')),
  };
  const subgraph = program.create(runtime, settings);
  startConsumer(subgraph, runtime, lifecycle);
  if (program.background) lifecycle.onStop('background', program.background(runtime, settings));

  const server = await serveSubgraph(subgraph, settings.PORT, settings.HOST);
  lifecycle.onStop('server', serverStop(server));
  log.info({ port: settings.PORT }, 'serving');
}

/** Starts the delivery of events to a subgraph that consumes any. */
export function startConsumer(
  subgraph: Subgraph,
  { database, clock, log }: SubgraphRuntime,
  lifecycle: Lifecycle,
): void {
  if (Object.keys(subgraph.consumes).length === 0) return;
  const dispatcher = new Dispatcher({ database, clock, log, consumer: subgraph.name, handlers: subgraph.consumes });
  dispatcher.start();
  lifecycle.onStop(`consumer ${subgraph.name}`, () => dispatcher.stop());
}
