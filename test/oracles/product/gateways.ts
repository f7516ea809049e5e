/** Several gateways on one database, in this process or each in its own, and the doors of the subgraphs behind them. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { PrincipalSource } from '../../../gateway/authenticate/principal-source';
import {
  createGateway,
  httpTransport,
  inProcessTransport,
  type SubgraphTransport,
} from '../../../gateway/create-gateway';
import type { Database } from '../../../platform/database/database';
import { createLogger } from '../../../platform/log';
import { listen, serverStop } from '../../../platform/process';
import { PRINCIPAL_HEADER, sealPrincipal } from '../../../platform/principal/envelope';
import type { Principal } from '../../../platform/principal/principal';
import { subgraphNames, type SubgraphName } from '../../../scripts/graph';
import { connectOwner } from '../../../scripts/runtime';
import { Doors } from '../../attacks/doors';
import { bootSystem, type GraphqlAnswer } from '../../harness/system';
import { ComposedProduct } from '../../scenarios/composed-product';
import { buildIfStale } from '../../scenarios/product-process';

/** Who asks: the identity in the token, for the doors, which take none. */
export interface Caller {
  token: string;
  headers: Record<string, string>;
  identity: { subject: string; kind: 'staff' | 'partner'; scopes: string[] };
}

/** A statement that returned watched students: when it began (µs of `now`), under whose scope. */
export interface WatchedStatement {
  startedAt: number;
  subject: string;
  students: string[];
}

/** A gateway as clients see it. Connections stay open. */
export class Client {
  private readonly pool: Pool;

  constructor(readonly url: string) {
    this.pool = new Pool(url, { connections: 16 });
  }

  async ask({ token, headers }: Caller, query: string, variables: object = {}): Promise<GraphqlAnswer> {
    const { statusCode, body } = await this.pool.request({
      path: '/graphql',
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return { status: statusCode, ...((await body.json()) as object) } as GraphqlAnswer;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** The subgraphs of one gateway, for somebody who holds their keys and a Principal from before. */
export class BackDoor {
  private asked = 0;

  constructor(
    private readonly transports: Record<SubgraphName, SubgraphTransport>,
    private readonly keys: Record<SubgraphName, Uint8Array>,
    private readonly serviceKey: string,
  ) {}

  principalOf({ identity, headers }: Caller): Promise<Principal> {
    const principals = new PrincipalSource(this.transports.students, this.serviceKey);
    const from = { issuer: 'embedded', expiresAt: Infinity };
    return principals.load({ ...from, ...identity }, headers['x-perspective'] ?? null);
  }

  /** Answer of `_entities` for one student, as text. */
  async entity(
    name: SubgraphName,
    principal: Principal,
    { id, selection }: { id: string; selection: string },
  ): Promise<string> {
    const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Student { ${selection} } } }`;
    const body = JSON.stringify({ query, variables: { r: [{ __typename: 'Student', id }] } });
    const envelope = { principal, requestId: `back-door-${++this.asked}` };
    const sealed = sealPrincipal(envelope, name, body, this.keys[name]);
    const headers = { 'content-type': 'application/json', [PRINCIPAL_HEADER]: sealed };
    return (await this.transports[name].send('/graphql', body, headers)).body;
  }
}

export interface Gateways {
  clients: Client[];
  doors: BackDoor[];
  issuer: string;
  database: Database;
  /** What the statements of all processes returned since the last time. */
  statements(): WatchedStatement[];
  stop(): Promise<void>;
}

interface StatementWatch {
  now(): number;
  watchStatements(isWatched: (value: unknown) => boolean, report: (statement: WatchedStatement) => void): void;
}
const watch = require(join(__dirname, 'statement-watch.cjs')) as StatementWatch;
/** Microseconds, the same in all processes of this machine. */
export const { now } = watch;

const PRELOAD = join(__dirname, 'statement-watch.cjs');
const SUPERGRAPH = join(__dirname, '..', '..', '..', 'schema', 'supergraph.graphql');

type Watched = (database: Database) => Promise<readonly string[]>;

/** `count` gateways in this process, each with subgraphs and caches of its own, on one database. No event is consumed. */
export async function gatewaysHere(
  makeUrl: (folder: string) => Promise<string>,
  count: number,
  watched: Watched,
): Promise<Gateways> {
  const students = new Set<unknown>();
  const statements: WatchedStatement[] = [];
  watch.watchStatements(
    (value) => students.has(value),
    (statement) => statements.push(statement),
  );
  const system = await bootSystem(makeUrl, { consume: false });
  for (const id of await watched(system.database)) students.add(id);
  const issuer = `${system.url}/oidc`;
  const own = await Promise.all(Array.from({ length: count }, () => gatewayHere(system, issuer)));
  return {
    clients: own.map(({ url }) => new Client(url)),
    doors: own.map(({ door }) => door),
    issuer,
    database: system.database,
    statements: () => statements.splice(0),
    async stop() {
      for (const { stop } of own) await stop();
      await system.stop();
    },
  };
}

async function gatewayHere(system: Awaited<ReturnType<typeof bootSystem>>, issuer: string) {
  const behind = new Doors(system);
  const transports = Object.fromEntries(
    subgraphNames.map((name) => [name, inProcessTransport(behind.subgraphs[name])]),
  ) as Record<SubgraphName, SubgraphTransport>;
  const { keys: principalKeys, serviceKey } = behind;
  const gateway = await createGateway({
    supergraphSdl: readFileSync(SUPERGRAPH, 'utf8'),
    transports,
    principalKeys,
    serviceKey,
    issuers: [{ url: issuer, jwksUri: `${issuer}/jwks`, audience: 'urn:iep-graph:api', embedded: true }],
    development: true,
    log: createLogger('test', process.env.TEST_LOG ?? 'silent'),
  });
  const server = createServer(gateway.handler);
  const stopServer = serverStop(server);
  const port = await listen(server, 0, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    door: new BackDoor(transports, principalKeys, serviceKey),
    stop: async () => {
      await gateway.close();
      await stopServer();
    },
  };
}

/** Every gateway, subgraph and the issuer a process of its own; two each of the subgraphs that revoke. No event is consumed. */
export async function gatewaysApart(
  makeUrl: (folder: string) => Promise<string>,
  count: number,
  watched: Watched,
): Promise<Gateways> {
  buildIfStale();
  const folder = mkdtempSync(join(tmpdir(), 'iep-graph-'));
  const file = join(folder, 'statements.jsonl');
  const url = await makeUrl(folder);
  const product = await ComposedProduct.start(url, {
    copies: { gateway: count, students: 2, services: 2 },
    preload: async (owner) => ({
      file: PRELOAD,
      env: { STATEMENT_WATCH: JSON.stringify({ file, students: await watched(owner) }) },
    }),
  });
  const database = await connectOwner(url);
  const key = (name: SubgraphName) => new TextEncoder().encode(product.setting(name, 'PRINCIPAL_KEY'));
  const keys = Object.fromEntries(subgraphNames.map((name) => [name, key(name)])) as Record<SubgraphName, Uint8Array>;
  const addresses = product.addressesOf('gateway');
  const doors = addresses.map((_, i) => {
    const to = product.subgraphsOf(i).split(',');
    const transports = Object.fromEntries(
      to.map((pair) => pair.split('=') as [string, string]).map(([name, address]) => [name, httpTransport(address)]),
    ) as Record<SubgraphName, SubgraphTransport>;
    return new BackDoor(transports, keys, product.setting('gateway', 'SERVICE_KEY'));
  });
  let read = 0;
  return {
    clients: addresses.map((address) => new Client(address)),
    doors,
    issuer: product.setting('gateway', 'EMBEDDED_ISSUER'),
    database,
    statements() {
      const bytes = readFileSync(file);
      const lines = bytes.subarray(read).toString('utf8').split('\n').filter(Boolean);
      read = bytes.length;
      return lines.map((line) => JSON.parse(line) as WatchedStatement);
    },
    async stop() {
      await product.stop();
      await database.close();
    },
  };
}
