import type { RequestListener } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../platform/log';
import { strictTransport } from '../platform/strict-transport';
import { PrincipalSource } from './authenticate/principal-source';
import { TokenVerifier } from './authenticate/token-verifier';
import type { TrustedIssuer } from './authenticate/trusted-issuer';
import { readSchemaCosts } from './cost/schema-costs';
import { startOperations } from './execute/operations';
import { createPages } from './graphiql/pages';
import { graphqlRoute } from './http/graphql-route';
import { DEFAULT_RATES, type RateLimits, Rates } from './http/rates';
import { createRouter } from './http/router';
import { Uploads } from './http/uploads';
import { DEFAULT_LIMITS, OperationLimits, type RequestLimits } from './limits';
import { RegisteredOperations } from './operations/registered-operations';
import { RecordQueue } from './record-queue';
import { RequestAudit } from './request-audit';
import { type SubgraphTransport, withDeadline } from './transport/transport';

export type { TrustedIssuer } from './authenticate/trusted-issuer';
export { type RateLimits, ratesOf } from './http/rates';
export type { RequestLimits } from './limits';
export { openOperations } from './operations/open-operations';
export { withCircuit } from './transport/circuit';
export { httpTransport } from './transport/http-transport';
export { inProcessTransport } from './transport/in-process-transport';
export type { SubgraphTransport } from './transport/transport';

export interface GatewayOptions {
  /** The composed supergraph, with its security directives. */
  supergraphSdl: string;
  /** By subgraph name; `students` also answers `/internal/principal` and `/internal/audit`. */
  transports: Readonly<Record<string, SubgraphTransport>>;
  /** By subgraph name: the secret shared with that subgraph alone. */
  principalKeys: Readonly<Record<string, Uint8Array>>;
  /** Opens the internal endpoints of the students subgraph. */
  serviceKey: string;
  /** The embedded provider, and the staff's own where there is one. Staff sign in with the first that isn't embedded. */
  issuers: readonly TrustedIssuer[];
  /** Introspection and GraphiQL; with `demoAccounts` explanations (`x-explain: true`) as well. */
  development: boolean;
  log: Logger;
  /** User names that the sign-in of GraphiQL offers; only with `development`. */
  demoAccounts?: readonly string[];
  /** Handlers by path prefix in front of everything else, such as the embedded provider under `/oidc`. */
  mounts?: Readonly<Record<string, RequestListener>>;
  /** Where clients reach it: by TLS alone when that is an https address. */
  publicUrl?: string;
  limits?: Partial<RequestLimits>;
  rates?: Partial<RateLimits>;
  /** A reverse proxy in front sets X-Forwarded-For: its last entry is then the caller's address. */
  trustProxy?: boolean;
  /** Which operations are answered; any when left out. */
  operations?: RegisteredOperations;
}

export interface Gateway {
  /** For `http.createServer`. */
  handler: RequestListener;
  ready(): boolean;
  /** Takes no further operations, lets those under way finish, then lets go of everything. Once. */
  close(): Promise<void>;
}

/** How long `close` waits for operations under way. */
const DRAIN_MS = 15_000;

/**
 * Puts the gateway together; it is ready when this resolves.
 *
 * @throws Error when the supergraph has a hole in its policy, or a subgraph of it has no transport or key
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { supergraphSdl, transports, principalKeys, serviceKey, issuers, development, log, mounts = {} } = options;
  const { students } = transports;
  if (!students) throw new Error('The gateway needs the students subgraph: it knows the accounts.');
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const staffIssuer = issuers.find((issuer) => !issuer.embedded) ?? issuers[0];
  // The initial accounts exist at the embedded provider alone.
  const demoAccounts = (staffIssuer?.embedded && options.demoAccounts) || [];
  // What an operation takes, and what its caller lacks, is told where the initial accounts sign in, and nowhere else.
  const explains = development && demoAccounts.length > 0;
  const inTime = withDeadline(students, limits.deadlineMs);
  const principals = new PrincipalSource(inTime, serviceKey);
  const audit = new RequestAudit(new RecordQueue(inTime, serviceKey), log);
  const answers = await startOperations({
    supergraphSdl,
    transports,
    principalKeys,
    principals,
    audit,
    introspection: development,
    explains,
    limits,
    log,
  });
  const graphql = graphqlRoute({
    answers,
    principals,
    audit,
    limits,
    tokens: new TokenVerifier(issuers),
    operationLimits: new OperationLimits(limits, readSchemaCosts(supergraphSdl)),
    operations: options.operations ?? new RegisteredOperations(new Map(), false),
    uploads: new Uploads(limits),
    explains,
    rates: new Rates({ ...DEFAULT_RATES, ...options.rates }, options.trustProxy ?? false),
    log,
  });
  const pages = development && staffIssuer ? createPages({ issuer: staffIssuer, demoAccounts }) : undefined;

  let isOpen = true;
  let closing: Promise<void> | null = null;
  const router = createRouter({
    graphql,
    pages,
    mounts,
    headers: strictTransport(options.publicUrl),
    isReady: () => isOpen,
    log,
  });

  async function close(): Promise<void> {
    isOpen = false;
    const end = Date.now() + DRAIN_MS;
    while (router.inFlight() > 0 && Date.now() < end) await pause(20);
    if (router.inFlight() > 0) log.warn({ inFlight: router.inFlight() }, 'closing with operations under way');
    await audit.close();
    await answers.stop();
    await Promise.all(Object.values(transports).map((transport) => transport.close?.()));
  }

  return {
    handler: router.handler,
    ready: () => isOpen,
    close: () => (closing ??= close()),
  };
}
